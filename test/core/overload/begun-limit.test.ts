/** How much may be begun at once, by how late the loop is and whether work waits for it. */
import { expect, test } from 'vitest';
import { CLIENTS_BEGUN, nextLimit, type Seen } from '../../../src/core/overload/begun-limit.ts';

const BOUNDS = { first: 100, min: 50, max: 200 };

test.each<[string, Seen, number]>([
  ['in time, and nothing stands', { lateMs: 0, stands: false }, 100],
  ['in time, and work stands: the disk is waited for', { lateMs: 0, stands: true }, 113],
  ['hardly late, and work stands: more would make it late', { lateMs: 5, stands: true }, 100],
  ['late, and work stands', { lateMs: 11, stands: true }, 87],
  ['late, and nothing stands', { lateMs: 11, stands: false }, 87],
])('%s', (_, seen, limit) => {
  expect(nextLimit(100, seen, BOUNDS)).toBe(limit);
});

test.each<[string, Seen, number]>([
  ['is never above the most', { lateMs: 0, stands: true }, CLIENTS_BEGUN.max],
  ['is never below the least', { lateMs: 500, stands: true }, CLIENTS_BEGUN.min],
])('however long it goes on, the limit %s', (_, seen, end) => {
  let limit = CLIENTS_BEGUN.first;
  for (let i = 0; i < 100; i++) limit = nextLimit(limit, seen, CLIENTS_BEGUN);
  expect(limit).toBe(end);
});
