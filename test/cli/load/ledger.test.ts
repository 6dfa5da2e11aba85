/** What must be there at the end, story by story. */
import { expect, test } from 'vitest';
import { Contexts } from '../../../src/cli/load/contexts.ts';
import { type Covers, Ledger, type WriteEnding } from '../../../src/cli/load/ledger.ts';

const ACKED: WriteEnding = { outcome: 'acknowledged', byStandIn: false };
const UNKNOWN: WriteEnding = { outcome: 'unknown' };
const REFUSED: WriteEnding = { outcome: 'not applied' };

/** One key, 7. */
function setUp() {
  const ledger = new Ledger();
  const begin = (value: number | undefined, covers: Covers = []) => ledger.begin({ key: 7, value, covers });
  const write = (value: number | undefined, covers: Covers, ending = ACKED) =>
    ledger.end(begin(value, covers), ending);
  const expected = () => new Map(ledger.expected()).get(7)!;
  return { ledger, begin, write, expected };
}

test('writes beside each other must all be there', () => {
  const { write, expected } = setUp();
  write(1, []);
  write(2, []);
  expect(expected()).toEqual({ values: [1, 2], something: true, undecided: false });
});

test('what a later write has seen need not be there', () => {
  const { write, expected } = setUp();
  write(1, []);
  write(2, []);
  write(3, [1]);
  expect(expected().values).toEqual([2, 3]);
});

test('what a write of unknown outcome has seen may be gone, and it may be there', () => {
  const { write, expected } = setUp();
  write(1, []);
  write(2, [1], UNKNOWN);
  expect(expected().values).toEqual([]);
});

test('a write that was not applied takes nothing away', () => {
  const { write, expected } = setUp();
  write(1, []);
  write(2, [1], REFUSED);
  write(3, 'all', REFUSED);
  expect(expected()).toEqual({ values: [1], something: true, undecided: false });
});

test('what was written over before it was acknowledged need not be there', () => {
  const { ledger, begin, write, expected } = setUp();
  const slow = begin(1);
  write(2, [1]);
  ledger.end(slow, ACKED);
  expect(expected().values).toEqual([2]);
});

test('an overwrite may take all that began before it ended, and nothing after', () => {
  const { ledger, begin, write, expected } = setUp();
  write(1, []);
  const overwrite = begin(2, 'all');
  write(3, []);
  const slow = begin(4);
  ledger.end(overwrite, ACKED);
  ledger.end(slow, ACKED);
  write(5, []);
  expect(expected().values).toEqual([2, 5]);
});

test('of overwrites at once something must be left', () => {
  const { ledger, begin, expected } = setUp();
  const [one, other] = [begin(1, 'all'), begin(2, 'all')];
  ledger.end(one, ACKED);
  ledger.end(other, ACKED);
  expect(expected()).toEqual({ values: [], something: true, undecided: false });
});

test('an overwrite of unknown outcome may still come: only that something is there is certain', () => {
  const { write, expected } = setUp();
  write(1, 'all', UNKNOWN);
  write(2, []);
  expect(expected()).toEqual({ values: [], something: true, undecided: true });
});

test('after a delete nothing need be there but what was written later', () => {
  const { write, expected } = setUp();
  write(1, []);
  write(undefined, [1]);
  expect(expected()).toEqual({ values: [], something: false, undecided: false });
  write(2, []);
  expect(expected().values).toEqual([2]);
});

test('what a stand-in helped to acknowledge is judged apart', () => {
  const { ledger, write, expected } = setUp();
  write(1, [], { outcome: 'acknowledged', byStandIn: true });
  expect(expected()).toMatchObject({ values: [1], something: false });
  expect([ledger.withStandIn(1), ledger.withStandIn(2)]).toEqual([true, false]);
});

test('contexts of so many keys are remembered, copied out of the reply they came in', () => {
  const contexts = new Contexts(2);
  const frame = new Uint8Array(1000);
  for (const key of [1, 2, 3]) contexts.remember(key, { context: frame.subarray(key, key + 4), covers: [] });
  expect(contexts.of(1)).toBeUndefined();
  expect(contexts.of(3)!.context).toHaveLength(4);
  expect(contexts.of(3)!.context.buffer).not.toBe(frame.buffer);
  contexts.remember(3, { context: Uint8Array.of(9), covers: [5] });
  expect([...contexts.of(3)!.context]).toEqual([9]);
  expect(contexts.of(2)).toBeDefined();
});
