/**
 * Mends single rows that failed their check: asks every other owner for the key and merges what they hold
 * (I12; TRAPS A4). Only when all of them have answered does the row count again; else it keeps its mark until
 * a later read finds it and tries once more. Then the segment is summed up anew, because nobody knows which
 * digest to count out for a row that cannot be read (I7).
 *
 * What could not be mended is left alone for a while, and said once: 1. no other owner has the key; 2. a
 * client reads it 50 times; 3. every read asks all owners and writes a line, and the line that matters is
 * lost among them.
 */
import { passOnBugs } from '../base/assert.ts';
import { byteText } from '../base/bytes.ts';
import type { NodeName } from '../base/ids.ts';
import type { SealedRecord } from '../core/record/codec.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Ring } from '../core/ring/ring.ts';
import type { Clock } from '../ports/clock.ts';
import type { Facts, Log } from '../ports/log.ts';
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
/** How soon a row that could not be mended is tried again. */
const AGAIN_MS = 10_000;
/**
 * So many rows that could not be mended are remembered; the oldest is forgotten first, and then tried and
 * told of once more.
 */
const VAIN_MAX = 1_000;

/** What a healing in vain has come to. */
type Outcome = 'incomplete' | 'nobody has it' | 'failed';

/** The last try of a row that could not be mended. */
interface Vain {
  readonly at: number;
  readonly told: ReadonlySet<Outcome>;
}

export class Heal {
  readonly #parts: HealParts;
  /** By name (latin1) of the key, as below. */
  readonly #underWay = new Set<string>();
  readonly #vain = new Map<string, Vain>();

  constructor(parts: HealParts) {
    this.#parts = parts;
  }

  /**
   * Takes up a damaged or marked row, unless too many are under way or it was tried in vain just now. Returns
   * at once.
   */
  take(place: KeyPlace): void {
    const name = nameOf(place);
    if (this.#underWay.has(name) || this.#underWay.size >= AT_ONCE_MAX || this.#isTooSoon(name)) return;
    this.#underWay.add(name);
    this.#heal(place)
      .catch(error => {
        passOnBugs(error);
        if (this.#isNews(place, 'failed'))
          this.#warn('a damaged row could not be mended', place, { why: String(error) });
      })
      .finally(() => this.#underWay.delete(name));
  }

  async #heal(place: KeyPlace): Promise<void> {
    const ring = this.#parts.ring();
    if (ring === undefined) return;
    const { others } = ownership(ring, { partition: place.partition, self: this.#parts.self });
    const answers = await Promise.all(others.map(node => this.#ask(node, place)));
    const silent = others.filter((_, i) => answers[i] === 'no answer');
    const records = answers.filter((answer): answer is SealedRecord => typeof answer === 'object');
    await this.#parts.healed({ place, records, complete: silent.length === 0 });
    if (silent.length > 0) this.#incomplete(place, { silent });
    else if (records.length > 0 || (await this.#isReadable(place))) this.#mended(place);
    else this.#nobodyHasIt(place);
  }

  #mended(place: KeyPlace): void {
    this.#vain.delete(nameOf(place));
    this.#parts.metrics.count('row.healed');
    this.#warn('a damaged row was replaced from its other owners', place);
  }

  #incomplete(place: KeyPlace, { silent }: { silent: readonly NodeName[] }): void {
    this.#parts.metrics.count('row.heal-incomplete');
    if (!this.#isNews(place, 'incomplete')) return;
    this.#warn('a damaged row does not count until every other owner was asked', place, { silent });
  }

  #nobodyHasIt(place: KeyPlace): void {
    this.#parts.metrics.count('row.heal-in-vain');
    if (!this.#isNews(place, 'nobody has it')) return;
    const advice = 'write the key anew, or restore this disk';
    this.#warn('a damaged row, and no other owner has the key', place, { advice });
  }

  #isTooSoon(name: string): boolean {
    const vain = this.#vain.get(name);
    return vain !== undefined && this.#parts.clock.now() - vain.at < AGAIN_MS;
  }

  /** Remembers a try in vain; true when this outcome was not told of this key before. */
  #isNews(place: KeyPlace, outcome: Outcome): boolean {
    const name = nameOf(place);
    const told = this.#vain.get(name)?.told ?? new Set();
    this.#vain.delete(name);
    this.#vain.set(name, { at: this.#parts.clock.now(), told: new Set([...told, outcome]) });
    const [oldest] = this.#vain.keys();
    if (this.#vain.size > VAIN_MAX && oldest !== undefined) this.#vain.delete(oldest);
    return !told.has(outcome);
  }

  #warn(event: string, { bucket, key }: KeyPlace, facts: Facts = {}): void {
    this.#parts.log.warn(event, { bucket, key, ...facts });
  }

  /** A row that was only marked is sound, whoever else has the key. */
  async #isReadable(place: KeyPlace): Promise<boolean> {
    return (await this.#ask(this.#parts.self, place)) !== 'no answer';
  }

  async #ask(node: NodeName, place: KeyPlace): Promise<SealedRecord | undefined | 'no answer'> {
    const call = { deadline: this.#parts.clock.now() + ASK_MS_MAX, cancelled: false };
    try {
      return (await this.#parts.peers.replica(node).read({ place, digestOnly: false }, call)).record;
    } catch (error) {
      passOnBugs(error);
      return 'no answer';
    }
  }
}

function nameOf({ name }: KeyPlace): string {
  return byteText(name);
}
