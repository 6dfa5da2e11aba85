/**
 * What another owner holds and this node does not: the keys of some segments are compared, and the records
 * that are another there are fetched and merged here, by the replica; never by overwriting (I2, I9).
 */
import { equalBytes } from '../base/bytes.ts';
import { segment } from '../base/ids.ts';
import { type Difference, differences, type Sides } from '../core/merkle/differences.ts';
import { leafHash } from '../core/merkle/segment-tree.ts';
import { addRow, emptySum } from '../core/rows/segment-sums.ts';
import { DIGESTS_MAX, RECORDS_MAX, SEGMENTS_MAX, type SegmentDigests } from '../ports/comparisons.ts';
import { type Located, ReplicaFailed } from '../ports/replica.ts';
import type { Apart, Between } from './descent.ts';

export interface FetchingParts {
  /** Merges these records into this node's rows; resolves when they are durable. */
  readonly applyAll: (records: readonly Located[]) => Promise<void>;
  /** Nothing is begun any more: this node drains, or its disk has failed. */
  readonly ended: () => boolean;
  /** These were merged here. */
  readonly onFetched: (records: readonly Located[]) => void;
  /** A segment is left out, for here or there it cannot be listed; throws where none may be. */
  readonly onUnlisted: (why: ReplicaFailed) => void;
}

const REFUSED = Symbol('refused');
const NOTHING_LISTED: readonly ListedSegment[] = [{ found: [], isWhole: false }];

interface ListedSegment {
  readonly found: readonly Difference[];
  /** What the other has told of comes to the very digest that it tells of the segment. */
  readonly isWhole: boolean;
}

/** Of some segments together. */
export interface ListedPart extends ListedSegment {
  /** So many segments are left. */
  readonly left: number;
}

/** It was asked for, and answered that it cannot or will not; and not that it has no time. */
export function isRefusal(error: unknown): error is ReplicaFailed {
  return error instanceof ReplicaFailed && error.failure === 'refused';
}

export class Fetching {
  readonly #between: Between;
  readonly #parts: FetchingParts;

  constructor(between: Between, parts: FetchingParts) {
    this.#between = between;
    this.#parts = parts;
  }

  /**
   * What the two hold differently in these segments, part by part: `act` has done with one before the next is
   * asked for, so that no more of them are kept in mind. Fewer are asked for where one cannot be listed,
   * until it is found: 1. a block of the index is damaged on a disk; 2. a question about 64 segments is
   * refused, for one of them lies there; 3. every round begins with that question, and nothing behind it is
   * ever mended. Nor more of them than clients leave room for.
   */
  async list(leaves: readonly Apart[], act: (part: ListedPart) => Promise<void>): Promise<void> {
    let atOnce = SEGMENTS_MAX;
    for (let left = leaves; left.length > 0 && !this.#parts.ended(); ) {
      const { recordsMax } = await this.#between.lane.ready();
      const asked = left.slice(0, Math.min(atOnce, recordsMax));
      const listed = await this.#list(asked).catch(error => this.#unlisted(error, asked));
      atOnce = listed === REFUSED ? Math.ceil(asked.length / 2) : Math.min(2 * atOnce, SEGMENTS_MAX);
      if (listed === REFUSED) continue;
      left = left.slice(listed.length);
      await act({
        found: listed.flatMap(({ found }) => found),
        isWhole: listed.every(({ isWhole }) => isWhole),
        left: left.length,
      });
    }
  }

  /** One that is refused by itself is passed over. */
  #unlisted(error: unknown, { length }: readonly Apart[]): typeof REFUSED | typeof NOTHING_LISTED {
    if (!isRefusal(error)) throw error;
    if (length > 1) return REFUSED;
    this.#parts.onUnlisted(error);
    return NOTHING_LISTED;
  }

  /** Of the first of these segments, one at least. */
  async #list(leaves: readonly Apart[]): Promise<readonly ListedSegment[]> {
    const { own, theirs, lane } = this.#between;
    const places = leaves.map(({ partition, index }) => ({ partition, segment: segment(index) }));
    const lists = await own.list(places);
    const asked = firstOf(
      places.map((place, i) => ({ ...place, digests: lists[i]!.map(({ digest }) => digest) })),
    );
    const answer = await lane.turn(call => theirs.keys(asked, call));
    if (answer.length === 0) throw new ReplicaFailed('lost', 'it was asked for keys and told of none');
    return answer.map((answered, i) => {
      const sides = { mine: lists[i]!, ...answered };
      return { found: differences(sides), isWhole: comesTo(leaves[i]!.theirs, sides) };
    });
  }

  /** When this resolves, this node holds durably whatever the other was seen to hold of these keys. */
  async fetch(keys: readonly Difference[]): Promise<void> {
    const { lane } = this.#between;
    for (
      let left = keys.filter(({ theirs }) => theirs !== undefined);
      left.length > 0 && !this.#parts.ended();
    ) {
      const { recordsMax } = await lane.ready();
      left = left.slice(await this.#fetchSome(left.slice(0, Math.min(recordsMax, RECORDS_MAX))));
    }
  }

  /** Of the first of these keys. @returns of how many, one at least */
  async #fetchSome(keys: readonly Difference[]): Promise<number> {
    const { theirs, lane } = this.#between;
    const { applyAll, ended, onFetched } = this.#parts;
    const places = keys.map(({ place }) => place);
    return await lane.turn(async call => {
      const found = await theirs.records(places, call);
      if (found.length === 0) throw new ReplicaFailed('lost', 'it was asked for records and gave none');
      const records = found.filter(record => record !== undefined);
      if (ended()) return found.length;
      await applyAll(records);
      onFetched(records);
      return found.length;
    });
  }
}

/**
 * 1. The index of the other does not name one of its rows; 2. it tells of all but that; 3. whoever takes that
 * for all of the segment would never ask for the row.
 */
function comesTo(leaf: Uint8Array, { mine, others, lacking }: Sides): boolean {
  const sum = emptySum();
  const unknownThere = new Set(lacking);
  for (const [i, { digest }] of mine.entries()) if (!unknownThere.has(i)) addRow(sum, digest);
  for (const { digest } of others) addRow(sum, digest);
  return equalBytes(leafHash(sum), leaf);
}

/** As many as one question may hold, one at least. */
function firstOf(segments: readonly SegmentDigests[]): readonly SegmentDigests[] {
  let digests = 0;
  const end = segments.findIndex((segment, i) => {
    digests += segment.digests.length;
    return i > 0 && digests > DIGESTS_MAX;
  });
  return end === -1 ? segments : segments.slice(0, end);
}
