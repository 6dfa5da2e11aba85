/**
 * Whether what a store keeps beside its rows is what the rows say (I7): everything is computed anew from the
 * rows, as the next process would find them.
 */
import { byteText as text } from '../../src/base/bytes.ts';
import { partition } from '../../src/base/ids.ts';
import { type KeyPlace, PARTITIONS, SEGMENTS } from '../../src/core/ring/placement.ts';
import { numberOf, type SegmentPlace, segmentAt } from '../../src/core/ring/segments.ts';
import { decodeRow } from '../../src/core/rows/row.ts';
import {
  addRow,
  addSum,
  emptySum,
  rowsOf,
  type SegmentSum,
  sameSum,
} from '../../src/core/rows/segment-sums.ts';
import type { Store } from '../../src/ports/store.ts';
import { dataRange, formerRange, indexKey, indexRange, readDataKey } from '../../src/replica/layout.ts';
import { scanAll } from '../../src/replica/scan-all.ts';
import { SegmentLedger } from '../../src/replica/segment-ledger.ts';

export interface Reading {
  readonly partitions?: number;
  /** The digest in a row's value; undefined when it cannot be read. */
  readonly digestOf?: (value: Uint8Array, place: KeyPlace) => Uint8Array | undefined;
}

/** What is wrong, in words; nothing when all is well. */
export async function unsound(store: Store, reading: Reading = {}): Promise<readonly string[]> {
  const { partitions = PARTITIONS } = reading;
  const { sums, index, wrong } = await readRows(store, reading);
  const ledger = await SegmentLedger.load(store, partitions);
  // Of a segment in doubt the store tells no sum, which is said, and so is nothing else.
  const doubtful = new Set(ledger.doubtful().map(nameOf));
  const known = new Map([...sums].filter(([at]) => !doubtful.has(nameOf(segmentAt(at)))));
  for (const [at, sum] of known) {
    const place = segmentAt(at);
    if (!sameSum(ledger.sum(place), sum)) wrong.push(`the sum of ${nameOf(place)} is not that of its rows`);
  }
  for (const [of, total] of totals(known, partitions).entries()) {
    if (!sameSum(ledger.partitionSum(partition(of)), total)) wrong.push(`partition ${of} has other sums`);
  }
  wrong.push(...[...doubtful].map(name => `${name} is in doubt`));
  await scanAll(store, indexRange(), ({ key }) => {
    if (!index.delete(text(key))) wrong.push(`a row of the index names no row: ${shown(text(key))}`);
  });
  wrong.push(...[...index].map(key => `a row is not in the index: ${shown(key)}`));
  await scanAll(
    store,
    formerRange(),
    ({ key }) => void wrong.push(`a row lies where it lay once: ${shown(text(key))}`),
  );
  const rows = [...known.values()].reduce((count, sum) => count + rowsOf(sum), 0);
  if (rows !== ledger.records) wrong.push(`${ledger.records} rows summed, ${rows} there`);
  return wrong;
}

/** What the rows add up to, and the index they must have. */
async function readRows(store: Store, { partitions, digestOf = digestOfRow }: Reading) {
  const sums = new Map<number, SegmentSum>();
  const index = new Set<string>();
  const wrong: string[] = [];
  await scanAll(store, dataRange(), ({ key, value }) => {
    const place = readDataKey(key, partitions);
    const digest = place && digestOf(value, place);
    if (place === undefined || digest === undefined) {
      wrong.push(`a row cannot be read: ${shown(text(key))}`);
      return;
    }
    const at = numberOf(place);
    const sum = sums.get(at) ?? emptySum();
    addRow(sum, digest);
    sums.set(at, sum);
    index.add(text(indexKey(place)));
  });
  return { sums, index, wrong };
}

/** By partition. */
function totals(sums: ReadonlyMap<number, SegmentSum>, partitions: number): readonly SegmentSum[] {
  const all = Array.from({ length: partitions }, emptySum);
  for (const [at, sum] of sums) addSum(all[Math.floor(at / SEGMENTS)]!, sum);
  return all;
}

function digestOfRow(value: Uint8Array, place: KeyPlace): Uint8Array | undefined {
  const row = decodeRow(value, place);
  return row === 'damaged' ? undefined : row.sealed.digest;
}

function nameOf(place: SegmentPlace): string {
  return `${place.partition}/${place.segment}`;
}

/** Without a byte that a terminal would take to heart. */
function shown(key: string): string {
  return JSON.stringify(key);
}
