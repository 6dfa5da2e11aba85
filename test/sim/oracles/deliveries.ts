/**
 * What an owner missed it is brought by handoff alone, before anybody reads: once the core has healed and no
 * note for any of it is left, each of its owners has every write that was acknowledged (I1; DESIGN §7, *In
 * every case a missed primary leaves a hint somewhere durable before or right after the reply*).
 *
 * Not owed are the histories that leave no note by design, each by the fault that it needs:
 * - a process ended, or an outcast fell out, before what the answer had left to do was done: the coordinator
 *   notes whom it has missed only when it hears no more, and what stands still does so later (mishaps.ts);
 * - a disk lost the note, or the record itself: then owners are brought together by refills and comparison;
 * - an outcast has it with itself: a note for that owner, or the record as a stand-in's.
 * Nor is what was never acknowledged: whoever had too much to do for a write that failed is not noted.
 */
import type { Operation } from '../history.ts';
import { SETTLED_MS } from '../mishaps.ts';
import type { Note } from '../notes.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';
import type { Book } from './book.ts';
import { isPast } from './picture.ts';
import type { Pledge, Pledges } from './pledges.ts';
import { nameOf } from './words.ts';

export interface DeliveriesParts {
  readonly book: Book;
  readonly pledges: Pledges;
  /** So many writes had been missed by an owner when they were acknowledged, and were held to be brought. */
  readonly onHeld: ((writes: number) => void) | undefined;
}

/** Notes that a disk has lost. */
interface LostNotes {
  readonly at: number;
  readonly keys: ReadonlySet<string>;
}

export class Deliveries implements Oracle {
  readonly #view: View;
  readonly #parts: DeliveriesParts;
  readonly #lostNotes: LostNotes[] = [];
  #notesBefore: readonly Note[] = [];

  constructor(view: View, parts: DeliveriesParts) {
    this.#view = view;
    this.#parts = parts;
  }

  losing(node: string): void {
    this.#notesBefore = this.#view.notes(node);
  }

  lost(node: string): void {
    const left = new Set(this.#view.notes(node).map(nameOfNote));
    const lost = this.#notesBefore.filter(note => !left.has(nameOfNote(note)));
    if (lost.length > 0)
      this.#lostNotes.push({ at: this.#view.now, keys: new Set(lost.map(({ key }) => key)) });
  }

  handedOff(): void {
    for (const key of this.#view.keys) {
      const owed = this.#parts.pledges.of(key).filter(pledge => this.#isOwed(pledge));
      const owners = this.#view.primaries(key).filter(node => this.#isHeldTo(node, key));
      for (const pledge of owed) for (const owner of owners) this.#check(owner, pledge);
      this.#parts.onHeld?.(
        owed.filter(({ missedBy }) => missedBy.some(node => owners.includes(node))).length,
      );
    }
  }

  #check(owner: string, { operation, picture }: Pledge): void {
    const { key } = operation;
    const { book } = this.#parts;
    const has = () => isPast(book.record(owner, key), picture, book.history(key));
    if (has()) return;
    book.lookAgain(key);
    if (has()) return;
    const what = `${owner} has not got ${nameOf(operation)}, though no note for it is left anywhere`;
    throw new Violation('I1', what, { key });
  }

  #isOwed({ operation, acknowledged, excused, lostBefore, lostBy }: Pledge): boolean {
    if (!acknowledged || excused || lostBefore > 0 || lostBy.size > 0) return false;
    return !this.#hadMishap(operation) && !this.#hasLostNotes(operation);
  }

  #hadMishap({ beganAt, endedAt }: Operation): boolean {
    const settledAt = endedAt! + SETTLED_MS;
    return this.#view.mishaps.all.some(({ from, to }) => from <= settledAt && to >= beganAt);
  }

  #hasLostNotes({ key, beganAt }: Operation): boolean {
    return this.#lostNotes.some(({ at, keys }) => at >= beganAt && keys.has(key));
  }

  #isHeldTo(owner: string, key: string): boolean {
    const { core, nodes } = this.#view;
    if (!core.includes(owner)) return false;
    const outcasts = nodes.filter(node => !core.includes(node));
    return !outcasts.some(outcast => this.#keeps(outcast, { owner, key }));
  }

  #keeps(outcast: string, { owner, key }: { owner: string; key: string }): boolean {
    const isStandIn = !this.#view.primaries(key).includes(outcast);
    if (isStandIn && this.#view.row(outcast, key) !== undefined) return true;
    return this.#view.notes(outcast).some(note => note.target === owner && note.key === key);
  }
}

function nameOfNote({ target, key }: Note): string {
  return `${target} ${key}`;
}
