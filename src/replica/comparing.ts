/**
 * What this node answers to those who compare their records with its own (src/ports/comparisons.ts): for each
 * thing that is said of theirs, whether it is another here. Whether they may ask is judged before
 * (guarded-comparisons.ts); what differences are worth, by them.
 */
import { byteText, equalBytes } from '../base/bytes.ts';
import { portions } from '../base/portions.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Call } from '../ports/call.ts';
import type { Clock } from '../ports/clock.ts';
import {
  type Comparisons,
  LISTED_MAX,
  type Listed,
  type OwnDigests,
  type PartitionSum,
  RECORDS_BYTES_MAX,
  type SegmentDifference,
  type SegmentDigests,
  type SumsReply,
  type TreeNodes,
} from '../ports/comparisons.ts';
import { type Located, ReplicaFailed } from '../ports/replica.ts';
import type { RecoveringPartitions } from './recovering.ts';
import type { LocalReplica } from './replica.ts';

/** Then it is looked whether anybody still waits, and whether the answer is full. */
const SEGMENTS_AT_ONCE = 16;

export interface ComparingParts {
  readonly own: OwnDigests;
  readonly recovering: Pick<RecoveringPartitions, 'has'>;
  readonly replica: Pick<LocalReplica, 'records'>;
  readonly clock: Clock;
}

export class LocalComparisons implements Comparisons {
  readonly #parts: ComparingParts;

  constructor(parts: ComparingParts) {
    this.#parts = parts;
  }

  async sums(mine: readonly PartitionSum[]): Promise<SumsReply> {
    const { own, recovering } = this.#parts;
    const whole = mine.filter(({ partition }) => !recovering.has(partition));
    const ours = own.sums(whole.map(({ partition }) => partition));
    const differing = whole.filter(({ sum }, i) => !equalBytes(sum, ours[i]!.sum));
    return {
      differing: differing.map(({ partition }) => ({
        partition,
        rows: own.rows(partition),
        isBusy: false,
      })),
      recovering: mine.map(({ partition }) => partition).filter(partition => recovering.has(partition)),
    };
  }

  async nodes(mine: readonly TreeNodes[], call: Call): Promise<readonly TreeNodes[]> {
    const differing: TreeNodes[] = [];
    for (const theirs of mine) {
      this.#checkWaited(call);
      const ours = await this.#parts.own.nodes({
        ...theirs,
        indexes: theirs.nodes.map(({ index }) => index),
      });
      const nodes = ours.nodes.filter(({ hash }, i) => !equalBytes(hash, theirs.nodes[i]!.hash));
      if (nodes.length > 0) differing.push({ ...ours, nodes });
    }
    return differing;
  }

  async keys(mine: readonly SegmentDigests[], call: Call): Promise<readonly SegmentDifference[]> {
    const answer: SegmentDifference[] = [];
    let room = LISTED_MAX;
    for (const some of portions(mine, SEGMENTS_AT_ONCE)) {
      if (room === 0) break;
      this.#checkWaited(call);
      const ours = await this.#parts.own.list(some);
      for (const [i, { digests }] of some.entries()) {
        if (room === 0) break;
        const { others, lacking } = difference(ours[i]!, digests);
        answer.push({ others: others.slice(0, room), lacking });
        room = Math.max(0, room - others.length);
      }
    }
    return answer;
  }

  async records(places: readonly KeyPlace[]): Promise<readonly (Located | undefined)[]> {
    const found = await this.#parts.replica.records(places, RECORDS_BYTES_MAX);
    return found.map(record => (record === 'damaged' ? undefined : record));
  }

  /** What nobody waits for any more is not gone on with (I10). */
  #checkWaited({ cancelled, deadline }: Call): void {
    if (cancelled || deadline <= this.#parts.clock.now())
      throw new ReplicaFailed('refused', 'nobody waited any more when it was compared');
  }
}

function difference(ours: readonly Listed[], theirs: readonly Uint8Array[]): SegmentDifference {
  const there = new Set(theirs.map(byteText));
  const here = new Set(ours.map(({ digest }) => byteText(digest)));
  return {
    others: ours.filter(({ digest }) => !there.has(byteText(digest))),
    lacking: [...theirs.keys()].filter(index => !here.has(byteText(theirs[index]!))),
  };
}
