/**
 * Brings to one node what the notes say it has not got: the record as it is now, and once the node holds it
 * durably and the row is still that one, the note goes (I8). One round sees every note once; what was
 * refused, lost, or written anew meanwhile stays for a later one and holds up nobody behind it.
 *
 * A note is void when its target owns no such key, or there is nothing here to send (TRAPS H4, H6). That a
 * record is foreign makes no difference here: its target need not wait for the other owners, without whom it
 * cannot be dropped (repair/foreign).
 */
import { passOnBugs } from '../base/assert.ts';
import type { NodeName } from '../base/ids.ts';
import { preferenceList, type Ring } from '../core/ring/ring.ts';
import type { Owed } from '../ports/holdings.ts';
import { type Located, ReplicaFailed } from '../ports/replica.ts';
import type { Course } from './course.ts';
import type { HandoffParts } from './handoff-parts.ts';
import type { Lane } from './lane.ts';

export interface Round {
  readonly target: NodeName;
  readonly ring: Ring;
  readonly lane: Lane;
  readonly course: Course;
  readonly ended: () => boolean;
  /** So many notes were served. */
  readonly onServed: (count: number) => void;
}

export class Replay {
  readonly #parts: HandoffParts;
  readonly #round: Round;
  readonly #sending = new Set<Promise<void>>();
  #failed = false;

  constructor(parts: HandoffParts, round: Round) {
    this.#parts = parts;
    this.#round = round;
  }

  /**
   * Resolves when every note from where the course stands was seen, or the target failed: then the next round
   * begins behind that page, so that no record can keep the others from it. Rejects when the disk of this
   * node fails.
   */
  async run(): Promise<void> {
    const { target, course } = this.#round;
    try {
      do {
        const page = await this.#parts.holdings.notes(target, course.after);
        course.after = page.next;
        await this.#page(page.notes);
      } while (course.after !== undefined && !this.#over);
    } finally {
      await Promise.all(this.#sending);
    }
  }

  get #over(): boolean {
    return this.#failed || this.#round.ended();
  }

  async #page(notes: readonly Owed[]): Promise<void> {
    const { holdings } = this.#parts;
    await this.#void(
      notes.filter(note => !this.#isOwed(note)),
      note => holdings.forget(note),
    );
    let left = notes.filter(note => this.#isOwed(note));
    while (left.length > 0 && !this.#over) {
      const { recordsMax, bytesMax } = await this.#round.lane.ready();
      const places = left.slice(0, recordsMax).map(({ place }) => place);
      const found = await holdings.records(places, bytesMax);
      await this.#void(
        left.filter((_, i) => i < found.length && found[i] === undefined),
        note => holdings.forgetBare(note),
      );
      left = left.slice(found.length);
      this.#send(found.filter(isRecord));
    }
  }

  #isOwed({ place }: Owed): boolean {
    const { ring, target } = this.#round;
    return preferenceList(ring, place.partition).primaries.includes(target);
  }

  /** Without waiting for the answer: how many may be under way is the lane's to say. */
  #send(records: readonly Located[]): void {
    if (records.length === 0 || this.#over) return;
    const sending = this.#serve(records).catch(error => {
      passOnBugs(error);
      // A batch that is refused whole says nothing of those behind it; the lane rests before them.
      this.#failed ||= !(error instanceof ReplicaFailed && error.failure === 'refused');
    });
    this.#sending.add(sending);
    void sending.finally(() => this.#sending.delete(sending));
  }

  async #serve(records: readonly Located[]): Promise<void> {
    const { holdings, metrics } = this.#parts;
    const { target, lane, onServed, ended } = this.#round;
    const held = await lane.send(records);
    // The store may be about to close.
    if (ended()) return;
    const served = await Promise.all(
      records
        .filter((_, i) => held[i])
        .map(({ place, record: { digest } }) => holdings.served(target, { place, digest })),
    );
    const count = served.filter(Boolean).length;
    metrics.count('hint.replayed', count);
    onServed(count);
  }

  async #void(notes: readonly Owed[], forget: (note: Owed) => Promise<boolean>): Promise<void> {
    // The store may be about to close.
    if (this.#round.ended()) return;
    const forgotten = await Promise.all(notes.map(forget));
    this.#parts.metrics.count('hint.void', forgotten.filter(Boolean).length);
  }
}

function isRecord(found: Located | 'damaged' | undefined): found is Located {
  return found !== undefined && found !== 'damaged';
}
