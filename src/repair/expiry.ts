/**
 * Takes out the notes that nobody will ever serve: of targets that own no such key any more, and those of
 * keys this node owns itself that have grown too old (DESIGN §7; how old is repair/ages' to say). The latter
 * are counted and told once for each target, never silently forgotten (TRAPS H8): anti-entropy brings what
 * they stood for. A note beside a foreign record never grows too old.
 */
import { passOnBugs } from '../base/assert.ts';
import type { NodeName } from '../base/ids.ts';
import { preferenceList, type Ring } from '../core/ring/ring.ts';
import type { Owed } from '../ports/holdings.ts';
import { Ages } from './ages.ts';
import type { HandoffParts } from './handoff-parts.ts';

/** A node that is away for longer is not coming back as it was. */
export const HINT_AGE_MS_MAX = 7 * 24 * 3_600_000;

export type ExpiryParts = Pick<HandoffParts, 'self' | 'holdings' | 'clock' | 'log' | 'metrics'>;

export interface Review {
  readonly target: NodeName;
  readonly ring: Ring;
  readonly ended: () => boolean;
}

/** To look through all notes for one target takes a scan. */
const REVIEW_EVERY_MS = 3_600_000;
/** What becomes of them is counted so. */
const OUT = ['hint.void', 'hint.dropped.age'] as const;

export class Expiry {
  readonly #parts: ExpiryParts;
  readonly #ages: Ages;
  /** By target: when its notes were last looked through. */
  readonly #reviewed = new Map<NodeName, number>();
  /** Of whom it was told that notes for it were dropped. */
  readonly #told = new Set<NodeName>();

  constructor(parts: ExpiryParts) {
    this.#parts = parts;
    this.#ages = new Ages(parts.clock);
  }

  /** Whether or not there is anything to review. */
  look(): void {
    this.#ages.look();
  }

  /** Looks through the notes for a target that cannot be reached, if that is due. Returns at once. */
  review(review: Review): void {
    if (!this.#isDue(review)) return;
    this.#reviewed.set(review.target, this.#parts.clock.now());
    this.#expire(review).catch(error => passOnBugs(error));
  }

  #isDue({ target, ring }: Review): boolean {
    const { clock, holdings } = this.#parts;
    const last = this.#reviewed.get(target) ?? Number.NEGATIVE_INFINITY;
    if (clock.now() - last < REVIEW_EVERY_MS) return false;
    const isMember = ring.members.some(({ name }) => name === target);
    if (!isMember) return true;
    const { nowMs } = this.#ages;
    return this.#isTooOld(nowMs - holdings.owed(target, nowMs).oldestMs);
  }

  async #expire(review: Review): Promise<void> {
    let after: Uint8Array | undefined;
    do {
      const page = await this.#parts.holdings.notes(review.target, after);
      await this.#takeOut(page.notes, review);
      after = page.next;
    } while (after !== undefined && !review.ended());
  }

  async #takeOut(notes: readonly Owed[], review: Review): Promise<void> {
    const { holdings, metrics } = this.#parts;
    for (const why of OUT) {
      const out = notes.filter(note => this.#whyOut(note, review) === why);
      if (out.length === 0 || review.ended()) continue;
      const gone = await Promise.all(out.map(note => holdings.forget(note)));
      metrics.count(why, gone.filter(Boolean).length);
      if (why === 'hint.dropped.age') this.#tell(review.target);
    }
  }

  #whyOut({ target, place, atMs }: Owed, { ring }: Review): (typeof OUT)[number] | undefined {
    const { primaries } = preferenceList(ring, place.partition);
    if (!primaries.includes(target)) return 'hint.void';
    return this.#isTooOld(atMs) && primaries.includes(this.#parts.self) ? 'hint.dropped.age' : undefined;
  }

  #isTooOld(atMs: number): boolean {
    return this.#ages.of(atMs) > HINT_AGE_MS_MAX;
  }

  #tell(target: NodeName): void {
    if (this.#told.has(target)) return;
    this.#told.add(target);
    const advice = 'it gets what they stood for by later reads of the keys';
    this.#parts.log.warn('a member was away for too long: notes of what it missed were dropped', {
      target,
      advice,
    });
  }
}
