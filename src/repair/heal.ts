/**
 * Mends single rows that failed their check: asks every other owner for the key and merges what they hold (I12; TRAPS A4). Only when all
 * of them have answered does the row count again; else it keeps its mark until a later read finds it and tries once more. Then the segment is
 * summed up anew, because nobody knows which digest to count out for a row that cannot be read (I7).
 */
import type { NodeName } from '../base/ids.ts';
import type { SealedRecord } from '../core/record/codec.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Ring } from '../core/ring/ring.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Peers } from '../ports/peers.ts';
import { ownership } from './owners.ts';

export interface HealParts {
  readonly self: NodeName;
  readonly peers: Peers;
  readonly ring: () => Ring | undefined;
  /** Merges these records into the row; `complete` takes its mark off. */
  readonly healed: (healing: {
    place: KeyPlace;
    records: readonly SealedRecord[];
    complete: boolean;
  }) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** More damage than this at once is a broken disk, and reads keep finding what was left out. */
const AT_ONCE_MAX = 16;
const ASK_MS_MAX = 2_000;

export class Heal {
  readonly #parts: HealParts;
  /** By name (latin1) of the key. */
  readonly #underWay = new Set<string>();

  constructor(parts: HealParts) {
    this.#parts = parts;
  }

  /** Takes up a damaged or marked row, unless too many are under way. Returns at once. */
  take(place: KeyPlace): void {
    const name = place.name.toString('latin1');
    if (this.#underWay.has(name) || this.#underWay.size >= AT_ONCE_MAX) return;
    this.#underWay.add(name);
    this.#heal(place)
      .catch(error => {
        this.#parts.log.warn('a damaged row could not be mended', {
          bucket: place.bucket,
          key: place.key,
          why: String(error),
        });
      })
      .finally(() => this.#underWay.delete(name));
  }

  async #heal(place: KeyPlace): Promise<void> {
    const ring = this.#parts.ring();
    if (ring === undefined) return;
    const { others } = ownership(ring, { partition: place.partition, self: this.#parts.self });
    const answers = await Promise.all(others.map(node => this.#ask(node, place)));
    const complete = !answers.includes('no answer');
    const records = answers.filter((answer): answer is SealedRecord => typeof answer === 'object');
    await this.#parts.healed({ place, records, complete });
    this.#parts.metrics.count(complete ? 'row.healed' : 'row.heal-incomplete');
    const event =
      records.length > 0
        ? 'a damaged row was replaced from its other owners'
        : 'a damaged row, and no other owner has the key';
    this.#parts.log.warn(event, { bucket: place.bucket, key: place.key, complete });
  }

  async #ask(node: NodeName, place: KeyPlace): Promise<SealedRecord | undefined | 'no answer'> {
    const call = { deadline: this.#parts.clock.now() + ASK_MS_MAX, cancelled: false };
    try {
      return (await this.#parts.peers.replica(node).read({ place, digestOnly: false }, call)).record;
    } catch {
      return 'no answer';
    }
  }
}
