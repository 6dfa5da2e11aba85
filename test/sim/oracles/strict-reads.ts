/**
 * What was promised before a strict read began is in what it shows, replaced by somebody's wish at most, and
 * nothing that was gone is back (I1, I9); so no client ever reads less than it, or anybody else, has read or
 * written before: monotonic quorum reads, and sessions with them. A strict overwrite takes its
 * acknowledgements for answers, so it owes the same.
 */
import { descends } from '../../../src/core/record/version-vector.ts';
import type { Operation } from '../history.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';
import type { Book } from './book.ts';
import type { Excuses } from './excuses.ts';
import { backAgain, isJustified } from './justified.ts';
import { type Picture, pictureOfReply } from './picture.ts';
import type { Pledge, Pledges } from './pledges.ts';
import { nameOf, nameOfWrite } from './words.ts';

/** Pledges that no later read, held to them, has taken the place of, and how many of all were looked at. */
interface Open {
  readonly open: readonly Pledge[];
  readonly looked: number;
}

export class StrictReads implements Oracle {
  readonly #view: View;
  readonly #book: Book;
  readonly #pledges: Pledges;
  readonly #excuses: Excuses;
  /** By key. */
  readonly #open = new Map<string, Open>();

  constructor(view: View, { book, pledges, excuses }: { book: Book; pledges: Pledges; excuses: Excuses }) {
    this.#view = view;
    this.#book = book;
    this.#pledges = pledges;
    this.#excuses = excuses;
  }

  ended(operation: Operation): void {
    const { key, reply, strict, kind, how } = operation;
    const reads = kind === 'get' || how === 'overwrite';
    if (reply === undefined || !strict || !reads || this.#book.lossDuring(operation)) return;
    const picture = pictureOfReply(reply, this.#view.place(key));
    const own = this.#pledges.of(key).at(-1);
    const owed = this.#owed(operation);
    const objection = this.#firstObjection(operation, { owed, picture });
    if (objection !== undefined) {
      if (this.#excuses.excuse(operation)) return;
      throw objection;
    }
    if (own?.operation !== operation) return;
    this.#close(key, new Set(owed.filter(pledge => isStronger(own, pledge))));
  }

  #owed({ key, beganAt, quorum }: Operation): readonly Pledge[] {
    const n = Math.min(this.#view.replication, this.#view.nodes.length);
    return this.#takeIn(key).filter(({ operation, primaries, excused }) => {
      return !excused && primaries + quorum > n && operation.endedAt! < beganAt;
    });
  }

  /** What has been pledged since the last look joins what is open. */
  #takeIn(key: string): readonly Pledge[] {
    const pledges = this.#pledges.of(key);
    const { open, looked } = this.#open.get(key) ?? { open: [], looked: 0 };
    const more = pledges.slice(looked).filter(({ primaries }) => primaries > 0);
    const now = { open: [...open, ...more], looked: pledges.length };
    this.#open.set(key, now);
    return now.open;
  }

  #firstObjection(
    read: Operation,
    { owed, picture }: { owed: readonly Pledge[]; picture: Picture },
  ): Violation | undefined {
    for (const pledge of owed) {
      if (this.#objection(read, { pledge, picture }) === undefined) continue;
      this.#book.lookAgain(read.key);
      const objection = this.#objection(read, { pledge, picture });
      if (objection !== undefined) return objection;
    }
    return undefined;
  }

  #objection(read: Operation, of: { pledge: Pledge; picture: Picture }): Violation | undefined {
    const { operation: before, picture: earlier } = of.pledge;
    const { picture: later } = of;
    const { key } = read;
    const history = this.#book.history(key);
    const whose = `${nameOf(before)}, which had ended before it began`;
    if (!descends(later.vector, earlier.vector))
      return new Violation('I1', `${nameOf(read)}, strict, knows nothing of ${whose}`, { key });
    const back = backAgain({ earlier, later }, history);
    if (back !== undefined)
      return new Violation(
        'I9',
        `${nameOf(read)}, strict, shows ${nameOfWrite(back, history)}, gone since ${whose}`,
        { key },
      );
    const missing = [...earlier.shown].find(
      write => !later.shown.has(write) && !isJustified(later, write, history),
    );
    if (missing === undefined) return undefined;
    return new Violation(
      'I1',
      `${nameOf(read)}, strict, lacks ${nameOfWrite(missing, history)}, promised by ${whose}`,
      { key },
    );
  }

  #close(key: string, replaced: ReadonlySet<Pledge>): void {
    const { open, looked } = this.#open.get(key)!;
    this.#open.set(key, { open: open.filter(pledge => !replaced.has(pledge)), looked });
  }
}

function isStronger(one: Pledge, other: Pledge): boolean {
  return one.primaries >= other.primaries && one.operation.quorum >= other.operation.quorum;
}
