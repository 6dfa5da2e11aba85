/** How far a node that recovers is, as `shoal status` says it. Pure. */
import type { ClusterStatus } from '../../client/index.ts';
import { byteCount, recordCount, whole } from '../amounts.ts';
import { duration } from '../duration.ts';
import { count } from '../sentences.ts';

/**
 * "RECOVERING: 12 partitions left, 3 400 records brought (1.2 MiB), 850/s, 4 s left; it counts in no strict
 * read until then"
 */
export function recoveringText(status: ClusterStatus): string {
  return `RECOVERING: ${progress(status).join(', ')}; it counts in no strict read until then`;
}

function progress({ recoveringPartitions, refill, repair }: ClusterStatus): readonly string[] {
  const { records, bytes, tookMs, leftMs } = refill;
  const down = repair.with.filter(({ up }) => !up).map(({ node }) => node);
  const isWaiting = leftMs === undefined && down.length > 0;
  // Of one that waits it would say how long it has waited.
  const rate = tookMs === 0 || isWaiting ? [] : [`${whole((records * 1_000) / tookMs)}/s`];
  return [
    `${count(recoveringPartitions, 'partition')} left`,
    ...(records === 0 ? [] : [`${recordCount(records)} brought (${byteCount(bytes)})`, ...rate]),
    ...(leftMs === undefined ? [] : [`${duration(leftMs)} left`]),
    ...(isWaiting ? [`waits for ${down.join(', ')}`] : []),
  ];
}
