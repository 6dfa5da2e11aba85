/**
 * What another owner holds and this node does not: the keys of some segments are compared, and the records
 * that are another there are fetched and merged here, by the replica; never by overwriting (I2, I9).
 */
import { equalBytes } from '../base/bytes.ts';
import { segment } from '../base/ids.ts';
import { type Difference, differences, type Sides } from '../core/merkle/differences.ts';
import { leafHash } from '../core/merkle/segment-tree.ts';
import { addRow, emptySum } from '../core/rows/segment-sums.ts';
import {
  DIGESTS_MAX,
  type Listed,
  RECORDS_MAX,
  SEGMENTS_MAX,
  type SegmentDigests,
} from '../ports/comparisons.ts';
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

export interface ListedSegment {
  readonly leaf: Apart;
  readonly found: readonly Difference[];
  /** What the other has told of comes to the very digest that it told of the segment. */
  readonly isWhole: boolean;
  /** Both sides come to the digests with which the segment was seen. */
  readonly isAsSeen: boolean;
}

export interface ListedPart {
  readonly segments: readonly ListedSegment[];
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
      const segments = await this.#list(asked).catch(error => this.#unlisted(error, asked));
      atOnce = segments === REFUSED ? Math.ceil(asked.length / 2) : Math.min(2 * atOnce, SEGMENTS_MAX);
      if (segments === REFUSED) continue;
      left = left.slice(segments.length);
      await act({ segments, left: left.length });
    }
  }

  /** One that is refused by itself is passed over, and not asked for again. */
  #unlisted(error: unknown, asked: readonly Apart[]): typeof REFUSED | readonly ListedSegment[] {
    if (!isRefusal(error)) throw error;
    if (asked.length > 1) return REFUSED;
    this.#parts.onUnlisted(error);
    return asked.map(leaf => ({ leaf, found: [], isWhole: false, isAsSeen: true }));
  }

  /** Of the first of these segments, one at least. */
  async #list(leaves: readonly Apart[]): Promise<readonly ListedSegment[]> {
    const { own, lane } = this.#between;
    const places = leaves.map(({ partition, index }) => ({ partition, segment: segment(index) }));
    const lists = await own.list(places);
    const asked = firstOf(
      places.map((place, i) => ({ ...place, digests: lists[i]!.map(({ digest }) => digest) })),
    );
    const answer = await lane.turn(call => this.#between.theirs.keys(asked, call));
    if (answer.length === 0) throw new ReplicaFailed('lost', 'it was asked for keys and told of none');
    return answer.map((answered, i) => {
      const leaf = leaves[i]!;
      const sides = { mine: lists[i]!, ...answered };
      const isWhole = equalBytes(digestOf(theirs(sides)), leaf.theirs);
      const isAsSeen = isWhole && equalBytes(digestOf(sides.mine), leaf.mine);
      return { leaf, found: differences(sides), isWhole, isAsSeen };
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
 * What the other holds of a segment, by what it told. 1. Its index does not name one of its rows; 2. it tells
 * of all but that; 3. whoever takes that for all of the segment would never ask for the row: so what it tells
 * is held against its digest.
 */
function theirs({ mine, others, lacking }: Sides): readonly Listed[] {
  const unknownThere = new Set(lacking);
  return [...mine.filter((_, i) => !unknownThere.has(i)), ...others];
}

function digestOf(listed: readonly Listed[]): Uint8Array {
  const sum = emptySum();
  for (const { digest } of listed) addRow(sum, digest);
  return leafHash(sum);
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
