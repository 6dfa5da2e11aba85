/**
 * Whoever asks to overwrite whatever is there is rid of all that was promised before (I9; DESIGN §6,
 * *overwrite*): what W primaries acknowledged at the only try of a strict put or delete without context shows
 * nothing of what strict acknowledgements that it must have met had left standing. Later strict reads owe the
 * same, by the vector of that reply (strict-reads.ts). Left out are twins, what was excused, an overwrite
 * during which a disk lost something, and one that another overwrote meanwhile.
 */
import type { WriteId } from '../../../src/base/ids.ts';
import type { Operation } from '../history.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';
import type { Book } from './book.ts';
import type { Excuses } from './excuses.ts';
import type { Pledge, Pledges } from './pledges.ts';
import { nameOf, nameOfWrite } from './words.ts';

export class Overwrites implements Oracle {
  readonly #view: View;
  readonly #book: Book;
  readonly #pledges: Pledges;
  readonly #excuses: Excuses;

  constructor(view: View, { book, pledges, excuses }: { book: Book; pledges: Pledges; excuses: Excuses }) {
    this.#view = view;
    this.#book = book;
    this.#pledges = pledges;
    this.#excuses = excuses;
  }

  ended(operation: Operation): void {
    const { key, how, strict, tries } = operation;
    const own = this.#pledges.of(key).at(-1);
    if (how !== 'overwrite' || !strict || tries.length > 1 || own?.operation !== operation) return;
    if (own.primaries === 0) return;
    const left = this.#leftBy(own);
    if (left === undefined || this.#excuses.excuse(operation)) return;
    const what = `${nameOf(operation)} shows ${nameOfWrite(left, this.#book.history(key))}`;
    throw new Violation('I9', `${what}, which was promised before it began and is to be overwritten`, {
      key,
    });
  }

  #leftBy({ operation, picture }: Pledge): WriteId | undefined {
    const { key, writeId } = operation;
    const history = this.#book.history(key);
    if (this.#isOvertaken(operation, picture.shown)) return undefined;
    const standing = [...picture.shown].filter(
      write => write !== writeId && !history.mayHaveTwins(write) && isBefore(history.put(write), operation),
    );
    if (standing.length === 0) return undefined;
    const met = this.#pledges.of(key).filter(pledge => this.#isMet(pledge, operation));
    return standing.find(write => met.some(pledge => pledge.picture.shown.has(write)));
  }

  /**
   * Another overwrite that ran beside it stands in its reply. 1. X overwrites; a replica acknowledges X
   * beside P;
   * 2. Y overwrites through the same node, and replaces X there before X's second round; 3. X no longer
   * stands, so it must take out nothing (two of them would else take out each other); 4. Y's second round
   * takes out P.
   */
  #isOvertaken({ key, writeId, beganAt }: Operation, shown: ReadonlySet<WriteId>): boolean {
    const history = this.#book.history(key);
    return [...shown].some(write => {
      const put = write === writeId ? undefined : history.put(write);
      return put?.how === 'overwrite' && (put.endedAt === undefined || put.endedAt > beganAt);
    });
  }

  /** Acknowledged by so many primaries that one of them must have answered this overwrite. */
  #isMet(
    { operation: before, primaries, acknowledged, excused }: Pledge,
    { quorum, beganAt }: Operation,
  ): boolean {
    const n = Math.min(this.#view.replication, this.#view.nodes.length);
    const sure = acknowledged && before.strict && !excused;
    return sure && primaries + quorum > n && before.endedAt! < beganAt;
  }
}

function isBefore(put: Operation | undefined, { beganAt }: Operation): boolean {
  return put?.endedAt !== undefined && put.endedAt < beganAt;
}
