/**
 * Where a segment is, and all of them in one row: what is kept by segment is kept by its number. Which keys
 * lie in one is placement's.
 */
import { type Partition, partition, type Segment, segment } from '../../base/ids.ts';
import { SEGMENTS } from './placement.ts';

export interface SegmentPlace {
  readonly partition: Partition;
  readonly segment: Segment;
}

/** Of a segment among those of all partitions, partition by partition. */
export type SegmentNumber = number;

export function numberOf({ partition, segment }: SegmentPlace): SegmentNumber {
  return partition * SEGMENTS + segment;
}

export function segmentAt(number: SegmentNumber): SegmentPlace {
  return { partition: partition(Math.floor(number / SEGMENTS)), segment: segment(number % SEGMENTS) };
}
