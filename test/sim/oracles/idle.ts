/**
 * An idle cluster repairs nothing (I11): once all owners agree, a strict read finds nothing to repair; and
 * while nobody asks for anything no record is sent, handed off or fetched, and of anti-entropy nothing is
 * left but the sums that it compares. Where somebody waits for an outcast, because his row is damaged or his
 * partition not whole, it is looked for what he lacks again and again.
 */
import type { Operation } from '../history.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';
import { nameOf } from './words.ts';

/** What brings records, and what finds and gets them. */
const SENDING = ['Apply', 'HandOff'];
const SEARCHING = ['CompareNodes', 'CompareKeys', 'Fetch'];
const REPAIRED = ['repair.differences', 'repair.fetched', 'repair.sent'];

interface Figures {
  readonly sent: number;
  readonly searched: number;
  readonly repaired: number;
  readonly readRepairs: number;
}

export class Idle implements Oracle {
  readonly #view: View;
  /** Since the last operation began or ended; undefined before all owners agreed. */
  #since: Figures | undefined;

  constructor(view: View) {
    this.#view = view;
  }

  converged(): void {
    this.#since = this.#figures();
  }

  began(): void {
    if (this.#since !== undefined) this.#since = this.#figures();
  }

  ended(operation: Operation): void {
    if (this.#since === undefined) return;
    const { kind, strict, key, reply } = operation;
    const now = this.#figures();
    const found = now.readRepairs > this.#since.readRepairs || (reply?.replicas.unrepaired ?? 0) > 0;
    if (kind === 'get' && strict && found)
      throw new Violation('I11', `${nameOf(operation)}, strict, finds that owners who agree differ`, { key });
    this.#since = now;
  }

  idled(): void {
    const { sent, searched, repaired } = this.#figures();
    const since = this.#since!;
    if (sent > since.sent) throw moved(`${sent - since.sent} records were sent`);
    if (repaired > since.repaired) throw moved(`${repaired - since.repaired} differences were repaired`);
    if (searched > since.searched && !this.#somebodyWaits)
      throw moved(`${searched - since.searched} times it was looked for what differs`);
  }

  get #somebodyWaits(): boolean {
    const { core, keys } = this.#view;
    return core.some(node => keys.some(key => !this.#view.isWhole(node, key)));
  }

  #figures(): Figures {
    const sum = (names: readonly string[], count: (name: string) => number) =>
      names.reduce((all, name) => all + count(name), 0);
    return {
      sent: sum(SENDING, name => this.#view.sent(name)),
      searched: sum(SEARCHING, name => this.#view.sent(name)),
      repaired: sum(REPAIRED, name => this.#view.counted(name)),
      readRepairs: this.#view.counted('read.repair'),
    };
  }
}

function moved(what: string): Violation {
  return new Violation('I11', `${what} while nobody asked for anything`);
}
