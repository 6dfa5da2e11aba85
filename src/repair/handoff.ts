/**
 * Brings to other nodes what this one keeps for them, hints and foreign records alike (DESIGN §7): one round
 * at a time for each target (repair/replays) and for each partition not owned (repair/departures), as soon as
 * they can be reached. Looks at once when a node is back, and once a second besides, so that nothing depends
 * on a piece of news, or on what happened before a restart (TRAPS H2).
 *
 * How fast is core/overload/yielding's to say. What a round could not get done, the next one does: nothing is
 * given up, and nothing waits for what fails. Ends when the node drains or its disk fails; never throws.
 */
import type { NodeName } from '../base/ids.ts';
import { Departures } from './departures.ts';
import type { HandoffParts } from './handoff-parts.ts';
import { Replays } from './replays.ts';
import { Rounds } from './rounds.ts';

/** Half as much more or less, by chance: nodes do not beat together. */
const LOOK_MS = 1_000;

export class Handoff {
  readonly #parts: HandoffParts;
  readonly #rounds: Rounds;
  readonly #replays: Replays;
  readonly #departures: Departures;
  #started = false;

  constructor(parts: HandoffParts) {
    this.#parts = parts;
    this.#rounds = new Rounds({ ...parts, look: () => this.#look() });
    this.#replays = new Replays(parts, this.#rounds);
    this.#departures = new Departures(parts, this.#rounds);
  }

  /** From now on; the ring is known. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#lookOn();
  }

  stop(): void {
    this.#rounds.stop();
  }

  /** That node is back: what is owed to it is sent at once. */
  wake(node: NodeName): void {
    this.#rounds.lane(node).wake();
    this.#replays.wake(node);
    this.#departures.wake();
    if (this.#started) this.#look();
  }

  #lookOn(): void {
    if (this.#rounds.ended) return;
    this.#look();
    const { clock, random } = this.#parts;
    clock.after(LOOK_MS * (0.5 + random.fraction()), () => this.#lookOn());
  }

  #look(): void {
    const ring = this.#parts.ring();
    if (ring === undefined || this.#rounds.ended) return;
    this.#replays.begin(ring);
    this.#departures.begin(ring);
  }
}
