/** The sizes a ring may have, for whoever makes one and for whoever reads one. */

/** Q at most: the partition of a key is found in the first bits of its hash, its segment in those after. */
export const PARTITIONS_MAX = 65_536;
export const WEIGHT_MAX = 1000;

/** An integer, 1 … max. */
export function isCount(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max;
}

/** 1, 2, 4 … 65536. */
export function isPartitionCount(value: number): boolean {
  return isCount(value, PARTITIONS_MAX) && (value & (value - 1)) === 0;
}
