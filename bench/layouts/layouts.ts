/** Three ways to lay out rows so that the keys of one segment can be listed. Pure. */
import { Buffer } from 'node:buffer';
import type { Partition } from '../../src/base/ids.ts';
import type { KeyPlace } from '../../src/core/ring/placement.ts';
import type { SegmentPlace } from '../../src/core/ring/segments.ts';
import type { Operation } from '../../src/ports/store.ts';
import {
  dataKey,
  formerKey,
  indexKey,
  partitionRange,
  type Span,
  segmentRange,
} from '../../src/replica/layout.ts';

export const LAYOUTS = ['index row', 'the segment in the key', 'the digest in the index row'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** What is written into the store. */
export interface NewRow {
  readonly place: KeyPlace;
  readonly value: Uint8Array;
  readonly digest: Uint8Array;
  /** There was none. */
  readonly isFirst: boolean;
}

export function writes(layout: Layout, { place, value, digest, isFirst }: NewRow): readonly Operation[] {
  if (layout === 'the segment in the key') return [{ key: formerKey(place), value }];
  const row = { key: dataKey(place), value };
  if (layout === 'the digest in the index row') return [row, { key: indexKey(place), value: digest }];
  return isFirst ? [row, { key: indexKey(place), value: Buffer.alloc(0) }] : [row];
}

/** Where a segment's keys are found. */
export function listed(layout: Layout, of: SegmentPlace): Span {
  const index = segmentRange(of);
  return layout === 'the segment in the key' ? { from: asRow(index.from), to: asRow(index.to) } : index;
}

/** Where the rows are of which some begin with this: in the one layout, all of the partition. */
export function searched(layout: Layout, { of, prefix }: { of: Partition; prefix: Uint8Array }): Span {
  const { from, to } = partitionRange(of);
  if (layout === 'the segment in the key') return { from: asRow(from), to: asRow(to) };
  const begin = Buffer.concat([from, prefix]);
  return { from: begin, to: Buffer.concat([begin, Buffer.alloc(1, 0xff)]) };
}

/** Where the name begins in a row's key. */
export function nameAt(layout: Layout): number {
  return layout === 'the segment in the key' ? 5 : 3;
}

/** Of a range of the same form, that of the rows of the one layout. */
function asRow(bound: Uint8Array): Uint8Array {
  return Buffer.concat([formerKind, bound.subarray(1)]);
}

const formerKind = Buffer.from('d');
