import { describe, expect, test } from 'vitest';
import {
  afterRead,
  afterWarming,
  type ColdReads,
  NONE_COLD,
  warmsNext,
} from '../../../src/core/rows/cold-reads.ts';

const FAST_MS = 0.006;
const COLD_MS = 3;

/** So many reads, each as it is decided; where nothing is warm, only those that were warmed are fast. */
function read(
  count: number,
  { from, ms }: { from: ColdReads; ms: (i: number) => number },
): { readonly reads: ColdReads; readonly asTheyLay: number } {
  let reads = from;
  let asTheyLay = 0;
  for (let i = 0; i < count; i++) {
    if (warmsNext(reads)) reads = afterWarming(reads);
    else {
      reads = afterRead(reads, ms(i));
      asTheyLay += 1;
    }
  }
  return { reads, asTheyLay };
}

const allCold = () => COLD_MS;
const allFast = () => FAST_MS;

describe('rows are read as they lie', () => {
  test('while all is in memory', () => {
    expect(read(10_000, { from: NONE_COLD, ms: allFast }).asTheyLay).toBe(10_000);
  });

  test('though the process is often put aside in the midst of one: two reads in a hundred', () => {
    const busy = (i: number) => (i % 50 === 0 ? COLD_MS : FAST_MS);
    expect(read(100_000, { from: NONE_COLD, ms: busy }).asTheyLay).toBe(100_000);
  });
});

describe('rows are warmed first', () => {
  test('after some fifty slow reads, but for one in 64', () => {
    const { asTheyLay } = read(64_000, { from: NONE_COLD, ms: allCold });
    expect(asTheyLay).toBeGreaterThan(1_000);
    expect(asTheyLay).toBeLessThan(1_000 + 55);
  });

  test('when one in ten is slow', () => {
    const someCold = (i: number) => (i % 10 === 0 ? COLD_MS : FAST_MS);
    expect(read(5_000, { from: NONE_COLD, ms: someCold }).reads.warming).toBe(true);
  });

  test('no longer than some hundred thousand reads after all is in memory again', () => {
    const { reads } = read(100_000, { from: NONE_COLD, ms: allCold });
    expect(read(50_000, { from: reads, ms: allFast }).reads.warming).toBe(true);
    expect(read(100_000, { from: reads, ms: allFast }).reads.warming).toBe(false);
  });
});
