/** The log against a dumb twin: the list of all batches, replayed from the first. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/ports/store.ts';
import { DiskLog, LOG_BATCHES } from './log.ts';

const key = fc.constantFrom('a', 'ab', 'ac', 'b', 'ba');
const operation = fc.record({ key, value: fc.option(fc.nat(255), { nil: undefined }) });
type Written = { readonly key: string; readonly value: number | undefined };
const batches = fc.array(fc.array(operation, { maxLength: 4 }), { minLength: 1, maxLength: 12 });

function operations(batch: readonly Written[]): readonly Operation[] {
  return batch.map(({ key, value }) => ({
    key: Buffer.from(key),
    value: value === undefined ? undefined : Buffer.from([value]),
  }));
}

function logOf(all: readonly (readonly Written[])[]): DiskLog {
  const log = new DiskLog();
  for (const batch of all) log.append(operations(batch));
  return log;
}

function shown(log: DiskLog): readonly string[] {
  const keys = log.rows.keys({ from: '', to: 'z', limit: 100 });
  return keys.map(key => `${key}=${log.rows.get(key)![0]}`);
}

function replayed(all: readonly (readonly Written[])[]): readonly string[] {
  const rows = new Map<string, number>();
  for (const { key, value } of all.flat()) {
    if (value === undefined) rows.delete(key);
    else rows.set(key, value);
  }
  return [...rows].map(([key, value]) => `${key}=${value}`).sort();
}

describe('the log of a simulated disk', () => {
  it('holds after a loss what the batches that are left say', () => {
    fc.assert(
      fc.property(batches, fc.nat(20), fc.nat(20), (all, first, many) => {
        const from = first % all.length;
        const count = Math.min(many, all.length - from);
        const log = logOf(all);
        expect(shown(log)).toEqual(replayed(all));
        log.lose({ from, count });
        expect(shown(log)).toEqual(replayed(all.toSpliced(from, count)));
        expect(log.length).toBe(all.length - count);
        expect(log.unsynced).toBe(log.length);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps its order while keys come and go between two scans', () => {
    fc.assert(
      fc.property(batches, all => {
        const log = new DiskLog();
        for (const [index, batch] of all.entries()) {
          log.append(operations(batch));
          expect(shown(log)).toEqual(replayed(all.slice(0, index + 1)));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('can take back the newest batches and all that are not synced, and keeps no more than it must', () => {
    const numbered = Array.from({ length: 500 }, (_, value) => [{ key: 'a', value: value % 256 }]);
    const unsynced = logOf(numbered);
    expect(unsynced.length).toBe(500);
    const synced = new DiskLog();
    for (const batch of numbered) {
      synced.append(operations(batch));
      synced.sync();
    }
    expect(synced.length).toBeGreaterThanOrEqual(LOG_BATCHES);
    expect(synced.length).toBeLessThanOrEqual(2 * LOG_BATCHES);
    synced.lose({ from: synced.length - LOG_BATCHES, count: LOG_BATCHES });
    expect(shown(synced)).toEqual([`a=${(499 - LOG_BATCHES) % 256}`]);
  });
});
