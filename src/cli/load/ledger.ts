/**
 * What must be there at the end (I1): every acknowledged write of this run but those that another of its
 * writes may have written over. Pure. It reckons with nobody else writing these keys.
 *
 * A write covers what the context it bears has shown. It does so also if its outcome is unknown, for it may
 * have been applied, or be yet. A write over *whatever is there* covers, for all that is known here,
 * everything of its key that began before it ended. When its outcome is unknown it may still come and take
 * away what is written later, so from then on nothing certain can be said of the key, but that it is not
 * empty.
 *
 * Two stories that shape it. 1. X's put of v1 is under way and already visible; 2. Y reads v1 and puts v2
 * over it, acknowledged; 3. only now v1 is acknowledged: it must *not* be there. So what is covered while it
 * is under way is remembered as such. And: a write that a stand-in helped to acknowledge is promised to every
 * replica in the end, not to the strict read of now, so it is judged apart.
 */

/** Numbers of values; `all` whatever is there. */
export type Covers = readonly number[] | 'all';

/** A write under way. */
export interface Write {
  readonly key: number;
  /** The number of its value; undefined for a delete. */
  readonly value: number | undefined;
  readonly covers: Covers;
  /** Whether something has written over it meanwhile. */
  covered: boolean;
}

export interface Acknowledged {
  readonly outcome: 'acknowledged';
  readonly byStandIn: boolean;
}

export type WriteEnding = Acknowledged | { readonly outcome: 'unknown' | 'not applied' };

/** What must be there of one key. */
export interface Expected {
  /** Each of these values. */
  readonly values: readonly number[];
  /** Some value, whichever. */
  readonly something: boolean;
  /** Whether a write of unknown outcome leaves open which. */
  readonly undecided: boolean;
}

interface KeyState {
  must: number[];
  readonly underWay: Write[];
  written: boolean;
  deleted: boolean;
  undecided: boolean;
}

export class Ledger {
  readonly #keys = new Map<number, KeyState>();
  /** Values that a stand-in helped to acknowledge. */
  readonly #withStandIns = new Set<number>();

  begin(write: Omit<Write, 'covered'>): Write {
    const begun = { ...write, covered: false };
    this.#state(write.key).underWay.push(begun);
    return begun;
  }

  end(write: Write, ending: WriteEnding): void {
    const state = this.#state(write.key);
    state.underWay.splice(state.underWay.indexOf(write), 1);
    if (ending.outcome === 'not applied') return;
    cover(state, write.covers);
    if (write.value === undefined) state.deleted = true;
    if (ending.outcome === 'acknowledged') this.#acknowledge(state, write, ending);
    else if (write.covers === 'all') state.undecided = true;
  }

  /** Of every key that was written, once nothing is under way. */
  *expected(): Iterable<readonly [key: number, Expected]> {
    for (const [key, state] of this.#keys) yield [key, expectedOf(state)];
  }

  get keys(): number {
    return this.#keys.size;
  }

  withStandIn(value: number): boolean {
    return this.#withStandIns.has(value);
  }

  #acknowledge(state: KeyState, { value, covered }: Write, { byStandIn }: Acknowledged): void {
    if (value === undefined) return;
    if (byStandIn) this.#withStandIns.add(value);
    else state.written = true;
    if (!covered) state.must.push(value);
  }

  #state(key: number): KeyState {
    let state = this.#keys.get(key);
    if (state === undefined) {
      state = { must: [], underWay: [], written: false, deleted: false, undecided: false };
      this.#keys.set(key, state);
    }
    return state;
  }
}

function cover(state: KeyState, covers: Covers): void {
  if (covers !== 'all' && covers.length === 0) return;
  const covered = (value: number | undefined): boolean =>
    covers === 'all' || (value !== undefined && covers.includes(value));
  state.must = state.must.filter(value => !covered(value));
  for (const write of state.underWay) if (covered(write.value)) write.covered = true;
}

function expectedOf({ must, written, deleted, undecided }: KeyState): Expected {
  return { values: undecided ? [] : must, something: written && !deleted, undecided };
}
