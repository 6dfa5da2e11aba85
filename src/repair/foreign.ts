/**
 * Brings the records of a partition that this node does not own to all who do, and drops each that all of
 * them hold durably, if it is still the very one (I8). What is here is found by its segments' sums, note or
 * no note (DESIGN §7, *Foreign records*), so what a fallback took long ago, or an owner of an older ring
 * kept, goes the same way.
 */
import { EMPTY } from '../base/bytes.ts';
import type { Partition } from '../base/ids.ts';
import { HAND_OFF_BYTES_MAX, HAND_OFF_RECORDS_MAX, type Located } from '../ports/replica.ts';
import type { Course } from './course.ts';
import type { HandoffParts } from './handoff-parts.ts';
import type { Lane } from './lane.ts';

export interface Departure {
  readonly partition: Partition;
  /** To every one of its owners. */
  readonly lanes: readonly Lane[];
  readonly course: Course;
  readonly ended: () => boolean;
  readonly onDropped: (count: number) => void;
}

/**
 * Every record from where the course stands. One that an owner does not take stays, and those behind it go
 * on. Rejects when an owner fails altogether, or the disk of this node does; the next run begins behind that
 * page, so that no record can keep the others from leaving.
 */
export async function sendAway(departure: Departure, parts: HandoffParts): Promise<void> {
  const { partition, course } = departure;
  do {
    const page = await parts.holdings.scan({ partition, after: course.after ?? EMPTY });
    course.after = page.next.byteLength > 0 ? page.next : undefined;
    for (let left = page.records; left.length > 0 && !departure.ended(); ) {
      const batch = await nextBatch(left, departure.lanes);
      left = left.slice(batch.length);
      await sendBatch(batch, departure, parts);
    }
  } while (course.after !== undefined && !departure.ended());
}

/** As much as the owner that can take least may take now. */
async function nextBatch(left: readonly Located[], lanes: readonly Lane[]): Promise<readonly Located[]> {
  const speeds = await Promise.all(lanes.map(lane => lane.ready()));
  const recordsMax = Math.min(HAND_OFF_RECORDS_MAX, ...speeds.map(speed => speed.recordsMax));
  return firstOf(left, {
    recordsMax,
    bytesMax: Math.min(HAND_OFF_BYTES_MAX, ...speeds.map(s => s.bytesMax)),
  });
}

function firstOf(
  records: readonly Located[],
  { recordsMax, bytesMax }: { readonly recordsMax: number; readonly bytesMax: number },
): readonly Located[] {
  let bytes = 0;
  const end = records.findIndex(({ record }, i) => {
    bytes += record.bytes.byteLength;
    return i >= recordsMax || (i > 0 && bytes > bytesMax);
  });
  return end === -1 ? records : records.slice(0, end);
}

async function sendBatch(
  batch: readonly Located[],
  { lanes, onDropped, ended }: Departure,
  { holdings, metrics }: HandoffParts,
): Promise<void> {
  // All of them to the end: an owner that has failed leaves the others what they took.
  const answers = await Promise.allSettled(lanes.map(lane => lane.send(batch)));
  const failed = answers.find(answer => answer.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  // The store may be about to close.
  if (ended()) return;
  const helds = answers.map(answer => (answer.status === 'fulfilled' ? answer.value : []));
  const confirmed = batch.filter((_, i) => helds.every(held => held[i] === true));
  const dropped = await Promise.all(
    confirmed.map(({ place, record: { digest } }) => holdings.drop({ place, digest })),
  );
  const count = dropped.filter(Boolean).length;
  metrics.count('handoff.dropped', count);
  onDropped(count);
}
