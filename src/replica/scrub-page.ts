/**
 * Which segments one step of the scrub looks at: those whose rows the index names next, and those between
 * them of which the ledger holds that they have rows, or is in doubt. An empty store is gone through in one
 * step. Decides nothing about what is found in them.
 */
import { type Partition, partition } from '../base/ids.ts';
import { PARTITIONS, SEGMENTS } from '../core/ring/placement.ts';
import { numberOf, type SegmentNumber, type SegmentPlace, segmentAt } from '../core/ring/segments.ts';
import { SUM_WORDS } from '../core/rows/segment-sums.ts';
import type { Store } from '../ports/store.ts';
import { indexRange, segmentOfIndexKey, segmentRange } from './layout.ts';
import type { SegmentLedger } from './segment-ledger.ts';
import { type Named, namedBy, readIndex } from './segment-rows.ts';

export interface PageParts {
  readonly store: Store;
  readonly segments: Pick<SegmentLedger, 'sumsOf' | 'doubtful'>;
}

export interface ScrubPage {
  /** In order; those without a row in the index among them. */
  readonly segments: ReadonlyMap<SegmentNumber, Named>;
  /** Where to go on; undefined: the last one is among them. */
  readonly next: SegmentPlace | undefined;
}

/** Rows of a step: a moment of the event loop. A segment with more is one step. */
const ROWS = 32;
const LAST: SegmentNumber = PARTITIONS * SEGMENTS - 1;
const NOTHING_NAMED: Named = { places: [], strays: 0 };

/** Rejects with StoreFailed. */
export async function nextPage(from: SegmentPlace, parts: PageParts): Promise<ScrubPage> {
  const { from: begin } = segmentRange(from);
  const keys = await parts.store.scan({ ...indexRange(), from: begin, limit: ROWS + 1 });
  const bySegment = grouped(keys.map(({ key }) => key));
  const isWhole = keys.length <= ROWS;
  const indexes = [...bySegment.keys()];
  // The page ends within the last of them: only what comes before is known whole, unless it is the only one.
  const last = isWhole ? LAST : (indexes.at(-2) ?? indexes[0] ?? LAST);
  const segments = new Map<SegmentNumber, Named>();
  for (const index of occupied({ from: numberOf(from), to: last }, parts)) segments.set(index, NOTHING_NAMED);
  for (const [index, found] of bySegment) if (index <= last) segments.set(index, namedBy(found));
  if (!isWhole && indexes.length === 1) segments.set(last, await readIndex(segmentAt(last), parts.store));
  return {
    segments: new Map([...segments].sort(([a], [b]) => a - b)),
    next: last === LAST ? undefined : segmentAt(last + 1),
  };
}

/** In order, as the keys are. A key that is in no segment is nobody's, and left where it is. */
function grouped(keys: readonly Uint8Array[]): ReadonlyMap<SegmentNumber, readonly Uint8Array[]> {
  const found = new Map<SegmentNumber, Uint8Array[]>();
  for (const key of keys) {
    const place = segmentOfIndexKey(key);
    const index = place && numberOf(place);
    if (index === undefined || index > LAST) continue;
    found.set(index, [...(found.get(index) ?? []), key]);
  }
  return found;
}

/** Those that have committed rows, as the ledger has it, or are in doubt. */
function occupied(
  { from, to }: { from: SegmentNumber; to: SegmentNumber },
  { segments }: PageParts,
): readonly SegmentNumber[] {
  const found = segments.doubtful().map(numberOf);
  for (let of = Math.floor(from / SEGMENTS); of <= Math.floor(to / SEGMENTS); of++)
    found.push(...summed(partition(of), segments));
  return found.filter(index => index >= from && index <= to);
}

/** Whose sum is not empty. */
function summed(of: Partition, segments: Pick<SegmentLedger, 'sumsOf'>): readonly SegmentNumber[] {
  const words = segments.sumsOf(of) ?? new Uint32Array(0);
  const found: SegmentNumber[] = [];
  for (let at = 0; at < words.length; at++) {
    if (words[at] === 0) continue;
    const part = Math.floor(at / SUM_WORDS);
    found.push(of * SEGMENTS + part);
    at = (part + 1) * SUM_WORDS - 1;
  }
  return found;
}
