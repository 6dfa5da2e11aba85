/**
 * Records as they come about, for properties: not arbitrary junk, but whatever a few copies of one key held
 * at some moment of a random history of puts, overwrites, deletes, retries, merges and lost rows. Long enough
 * for cut lists and hidden twins.
 */
import fc from 'fast-check';
import type { Record, Seen } from '../../src/core/record/record.ts';
import { BLIND, Copy } from './copy.ts';

const COPIES = 4;

interface Step {
  readonly kind: 'put' | 'blind' | 'overwrite' | 'retry' | 'delete' | 'merge' | 'crash' | 'lose row';
  readonly at: number;
  readonly from: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { arbitrary: fc.constantFrom('put', 'blind', 'overwrite', 'retry', 'delete', 'merge'), weight: 9 },
    { arbitrary: fc.constantFrom('crash', 'lose row'), weight: 1 },
  ) as fc.Arbitrary<Step['kind']>,
  at: fc.nat(COPIES - 1),
  from: fc.nat(COPIES - 1),
});

/** Every record that stood somewhere in one history. */
export const history: fc.Arbitrary<readonly Record[]> = fc
  .array(step, { minLength: 3, maxLength: 60 })
  .map(play);

/** Some of the records of one history. */
export function recordsOf(count: number): fc.Arbitrary<readonly Record[]> {
  const picks = fc.array(fc.nat(), { minLength: count, maxLength: count });
  return fc.tuple(history, picks).map(([records, at]) => at.map(index => records[index % records.length]!));
}

function play(steps: readonly Step[]): readonly Record[] {
  const copies = Array.from({ length: COPIES }, (_, i) => new Copy(`n${i}`));
  const records: Record[] = [];
  const written: { word: string; seen: Seen }[] = [];
  for (const [i, { kind, at, from }] of steps.entries()) {
    act({ copy: copies[at]!, other: copies[from]!, kind, word: `w${i}`, written });
    records.push(copies[at]!.record);
  }
  return records;
}

function act(of: {
  copy: Copy;
  other: Copy;
  kind: Step['kind'];
  word: string;
  written: { word: string; seen: Seen }[];
}) {
  const { copy, other, kind, word, written } = of;
  if (kind === 'put' || kind === 'blind') {
    written.push({ word, seen: kind === 'put' ? other.seen : BLIND });
    copy.put(word, written.at(-1)!.seen);
  } else if (kind === 'retry') {
    const again = written.at(-1 - (word.length % 2)) ?? { word, seen: BLIND };
    copy.put(again.word, again.seen);
  } else if (kind === 'overwrite') copy.overwrite(word);
  else if (kind === 'delete') copy.delete(other.seen);
  else if (kind === 'merge') copy.merge(other);
  else if (kind === 'crash') copy.crash();
  else copy.loseRow();
}
