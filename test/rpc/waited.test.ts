/** What of a request's budget is gone when it comes to a door, whoever noticed: it is the same wait. */
import { expect, test } from 'vitest';
import { Incoming } from '../../src/link/incoming.ts';
import type { Call } from '../../src/ports/call.ts';
import { answering } from '../../src/rpc/answering.ts';
import type { Door } from '../../src/rpc/serving.ts';
import { protos } from '../support/grpc.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const EMPTY = Buffer.alloc(0);

/** How long the work has, if its sender waits for `budgetMs`. */
function leftOf({ budgetMs, waitedMs, ageMs }: Record<'budgetMs' | 'waitedMs' | 'ageMs', number>): number {
  const clock = new VirtualClock();
  let left = Number.NaN;
  const enter = ({ deadline }: Call) => {
    left = deadline - clock.now();
  };
  const door = { clock, gate: { enter }, stalls: { age: () => ageMs } } as unknown as Door;
  const codec = { encode: () => EMPTY, decode: () => ({}) };
  const method = { name: 'Get', write: false, answer: () => ({}) };
  const carriage = { method, bulk: false, request: codec, reply: codec };
  const onAsk = answering({ door, carriages: new Map([[1, carriage]]), messages: protos.messages });
  onAsk(new Incoming({ id: 1, method: 1, body: EMPTY, budgetMs, waitedMs, answer: () => {} }));
  return left;
}

/** 50 ms are kept for the way of the answer. */
test.each([
  ['nobody noticed any', 0, 0, 1950],
  ['its frame came late', 800, 0, 1150],
  ['this process stood still', 0, 800, 1150],
  ['its frame came late because this process stood still', 800, 800, 1150],
  ['its frame came later than the stall explains', 900, 300, 1050],
])('a wait comes off a budget once: %s', (_, waitedMs, ageMs, leftMs) => {
  expect(leftOf({ budgetMs: 2000, waitedMs, ageMs })).toBe(leftMs);
});
