/**
 * Streams that together hold too much unread: the one that holds most goes first, and no more of them than it
 * takes.
 */
import { expect, test } from 'vitest';
import type { AnsweringLink } from '../../src/link/answering-link.ts';
import { Unread } from '../../src/rpc/unread.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const MIB = 1024 * 1024;
const RESOURCE_EXHAUSTED = 8;

function streams(...unreadMib: readonly number[]) {
  const cut: number[] = [];
  const links = unreadMib.map(mib => ({
    unreadBytes: mib * MIB,
    cut: ({ status }: { status: number }) => cut.push(status === RESOURCE_EXHAUSTED ? mib : -1),
  }));
  return { cut, links: new Set(links as unknown as AnsweringLink[]) };
}

test.each([
  ['as much as may be', [64, 40, 24], []],
  ['a little more', [24, 65, 40], [65]],
  ['one alone has too much', [1, 129], [129]],
  ['two have to go', [100, 1, 120, 90], [120, 100]],
])('%s', async (_, unreadMib, expected) => {
  const clock = new VirtualClock();
  const { cut, links } = streams(...unreadMib);
  await clock.pass(50);
  new Unread(clock).relieve(links);
  expect(cut).toEqual(expected);
});

test('all of them are looked at only now and then', async () => {
  const clock = new VirtualClock();
  const unread = new Unread(clock);
  const { cut, links } = streams(200);
  for (const expected of [0, 1, 1, 2]) {
    unread.relieve(links);
    expect(cut).toHaveLength(expected);
    await clock.pass(expected === 0 ? 50 : 25);
  }
});
