/** Who has not agreed of late with whom, and how far they are, as `shoal status` says it. Pure. */
import type { ClusterStatus } from '../../client/index.ts';
import { byteCount, whole } from '../amounts.ts';
import { duration } from '../duration.ts';
import { count } from '../sentences.ts';
import { type Apart, apart, type Parted, parted } from './repairs.ts';

export function repairLines(answers: readonly ClusterStatus[]): readonly string[] {
  return [...apart(answers).map(pairLine), ...parted(answers).map(waitLine)];
}

/** "n1, n3 wait for n2, to compare with it; last agreed 5 min ago" */
function waitLine({ awaited, others, agreedMs }: Parted): string {
  const wait = others.length === 1 ? 'waits' : 'wait';
  return `${others.join(', ')} ${wait} for ${awaited}, to compare with it; ${sinceWhen(agreedMs)}`;
}

/** "n1 and n2: 12 partitions left, 3 400 records (1.2 MiB), 850/s, 4 s left; last agreed 3 min ago" */
function pairLine({ nodes: both, agreedMs, ...pair }: Apart): string {
  return `${both.join(' and ')}: ${progress(pair).join(', ')}; ${sinceWhen(agreedMs)}`;
}

function progress({
  tookMs,
  partitionsLeft,
  records,
  bytes,
  leftMs,
  hindrance,
}: Omit<Apart, 'nodes' | 'agreedMs'>): readonly string[] {
  if (partitionsLeft === 0 && hindrance !== undefined) return [hindrance];
  if (tookMs === 0) return ['waiting for their turn'];
  if (partitionsLeft === 0 && records === 0) return [`comparing for ${duration(tookMs)}`];
  const rate = `${whole((records * 1_000) / tookMs)}/s`;
  return [
    `${count(partitionsLeft, 'partition')} left`,
    ...(records === 0 ? [] : [`${whole(records)} records (${byteCount(bytes)})`, rate]),
    ...(leftMs === undefined ? [] : [`${duration(leftMs)} left`]),
  ];
}

function sinceWhen(agreedMs: number | undefined): string {
  return agreedMs === undefined ? 'not agreed since they started' : `last agreed ${duration(agreedMs)} ago`;
}
