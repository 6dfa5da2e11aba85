/**
 * How far the stores of other nodes had come when they last said so. A disk that is rolled back takes its own
 * marks along: clean mark, floor and trail. What the others have heard stays (TRAPS C6): 1. a machine is set
 * back to its snapshot of yesterday; 2. its node finds everything in order; 3. the first answer to a greeting
 * says that its store once was further.
 *
 * It outlives the process, in the cluster file. Without that: 1. w is acknowledged by a and b; 2. a machine's
 * disk is set back, and b and c are restarted before a is up again; 3. nobody knows that a once was further,
 * and its answers count; 4. a strict read asks a and c, and w is gone. What a node said in the last seconds
 * may be missing there (cluster-memory.ts): a rollback of no more than these may then pass unseen.
 */
import { compareText } from '../base/bytes.ts';
import type { NodeName } from '../base/ids.ts';
import type { StoreProgress } from '../ports/meeting.ts';

export interface HeardProgress {
  readonly name: NodeName;
  readonly store: StoreProgress;
}

export interface Noted {
  /** The highest number heard of this store until now; 0 if it is another store than before. */
  readonly before: number;
  /** Whether it has changed what is to be remembered. */
  readonly isNew: boolean;
}

export class Progress {
  readonly #heard: Map<NodeName, StoreProgress>;

  constructor(remembered: readonly HeardProgress[]) {
    this.#heard = new Map(remembered.map(({ name, store }) => [name, store]));
  }

  note(of: NodeName, said: StoreProgress): Noted {
    const known = this.#heard.get(of);
    const before = known?.id === said.id ? known.lastBatch : 0;
    this.#heard.set(of, { id: said.id, lastBatch: Math.max(before, said.lastBatch) });
    return { before, isNew: known?.id !== said.id || said.lastBatch > before };
  }

  /** What is to be remembered, sorted by name. */
  all(): readonly HeardProgress[] {
    const heard = [...this.#heard].sort(([a], [b]) => compareText(a, b));
    return heard.map(([name, store]) => ({ name, store }));
  }
}
