/**
 * No acknowledged write is lost, none that was replaced or deleted comes back, nothing disappears unseen (I1,
 * I9, I2): after every loss of data, when the core has converged, and at the end. Any acknowledged write is
 * at every owner then, whoever held it; but what outcasts may have with them is owed only where strict reads
 * would owe it.
 */
import { merge, NOTHING, type Record } from '../../../src/core/record/record.ts';
import { descends } from '../../../src/core/record/version-vector.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';
import type { Book } from './book.ts';
import { backAgain, isJustified, unjustified } from './justified.ts';
import { BLANK, isPast, type Picture, pictureOfRecord } from './picture.ts';
import type { Pledge, Pledges } from './pledges.ts';
import { goneInRing } from './rings.ts';
import { nameOf, nameOfWrite } from './words.ts';

export class Promises implements Oracle {
  readonly #view: View;
  readonly #book: Book;
  readonly #pledges: Pledges;

  constructor(view: View, { book, pledges }: { book: Book; pledges: Pledges }) {
    this.#view = view;
    this.#book = book;
    this.#pledges = pledges;
  }

  lost(node: string): void {
    for (const key of this.#view.keys) {
      for (const pledge of this.#pledges.of(key)) if (pledge.lostBy.has(node)) this.#checkHeld(pledge);
    }
  }

  converged(): void {
    this.over();
    for (const key of this.#view.keys) {
      const primaries = this.#view.primaries(key).filter(node => this.#view.core.includes(node));
      const records = primaries.map(node => this.#book.record(node, key)).filter(held => held !== undefined);
      const outOf = primaries.filter(node => this.#view.isWhole(node, key)).length;
      if (primaries.length > 0) this.#checkConverged(key, { records, outOf });
    }
  }

  over(): void {
    for (const key of this.#view.keys) {
      for (const pledge of this.#pledges.of(key)) this.#checkHeld(pledge);
    }
  }

  #checkHeld(pledge: Pledge): void {
    const { operation, picture, acknowledged, excused } = pledge;
    if (!acknowledged || excused) return;
    const { key } = operation;
    const held = () =>
      this.#view.nodes.some(node => isPast(this.#book.record(node, key), picture, this.#book.history(key)));
    if (held()) return;
    this.#book.lookAgain(key);
    if (!held())
      throw new Violation('I1', `no disk holds ${nameOf(operation)} any more, which was acknowledged`, {
        key,
      });
  }

  /** @param options.outOf how many of these primaries are known to miss nothing that they once had */
  #checkConverged(key: string, { records, outOf }: { records: readonly Record[]; outOf: number }): void {
    const picture = pictureOfRecord(records.reduce(merge, NOTHING));
    const n = this.#view.primaries(key).length;
    const nobodyIsOut = this.#view.core.length === this.#view.nodes.length;
    for (const pledge of this.#pledges.of(key)) {
      const isOwed = pledge.primaries + outOf > n || (pledge.acknowledged && nobodyIsOut);
      if (!pledge.excused && isOwed) this.#checkKept(pledge, picture);
    }
    this.#checkAlone(key, picture);
  }

  #checkKept({ operation, picture: promised }: Pledge, picture: Picture): void {
    const { key } = operation;
    const history = this.#book.history(key);
    if (!descends(picture.vector, promised.vector))
      throw new Violation(
        'I1',
        `the converged record has not taken in ${nameOf(operation)}, which was acknowledged`,
        { key },
      );
    const back = backAgain({ earlier: promised, later: picture }, history);
    if (back !== undefined)
      throw new Violation('I9', `${nameOfWrite(back, history)} is back, gone since ${nameOf(operation)}`, {
        key,
      });
    const missing = [...promised.shown].find(
      write => !picture.shown.has(write) && !isJustified(picture, write, history),
    );
    if (missing !== undefined)
      throw new Violation(
        'I1',
        `${nameOfWrite(missing, history)}, promised by ${nameOf(operation)}, was replaced by nobody and is gone`,
        { key },
      );
  }

  /**
   * What it says of itself: whatever happened to disks, it claims no write that it has not, and nothing is
   * gone but by somebody's wish.
   */
  #checkAlone(key: string, picture: Picture): void {
    const history = this.#book.history(key);
    const stranger = [...picture.shown].find(write => history.put(write) === undefined);
    if (stranger !== undefined)
      throw new Violation('I12', `the converged record shows ${nameOfWrite(stranger, history)}`, { key });
    const missing = unjustified({ before: BLANK, after: picture }, history) ?? goneInRing(picture, history);
    if (missing !== undefined)
      throw new Violation(
        'I2',
        `${nameOfWrite(missing, history)} was replaced by nobody and is gone from the converged record`,
        { key },
      );
  }
}
