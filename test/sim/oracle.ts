/**
 * An oracle watches a run for one kind of broken promise. It is told what happens, looks at the disks as only
 * a simulator can, and throws a {@link Violation} that names the invariant (DESIGN §11). Each lives in a file
 * of its own in oracles/.
 */
import type { SeenMember } from '../../src/ports/overview.ts';
import type { Operation as StoreOperation } from '../../src/ports/store.ts';
import type { Operation } from './history.ts';

/**
 * I1 … I13, or `L1`: the core did not come back to life within the bound; `L2`: nodes are wrong about each
 * other for longer than they may be; `BUG`: an assertion of ours failed.
 */
export type Invariant = `I${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13}` | 'L1' | 'L2' | 'BUG';

export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: Invariant;
  /** The key it is about, if one: the log that explains it is cut down to that. */
  readonly key: string | undefined;

  constructor(invariant: Invariant, text: string, { key }: { key?: string } = {}) {
    super(`${invariant}: ${text}`);
    this.invariant = invariant;
    this.key = key;
  }
}

/** As the status of a node says it. */
export type Sights = ReadonlyMap<string, readonly Pick<SeenMember, 'name' | 'state' | 'up'>[]>;

export interface Oracle {
  /** A client asks. */
  began?(operation: Operation): void;
  /** It was answered, refused or given up. */
  ended?(operation: Operation): void;
  /**
   * A batch became durable on that node's disk, in these very bytes (`os` durability: was given to the
   * operating system).
   */
  committed?(node: string, batch: readonly StoreOperation[]): void;
  /** That node's disk is about to lose something it held: called before and after. */
  losing?(node: string): void;
  lost?(node: string): void;
  /** Once a second: how each node that serves sees the members, by its name. */
  looked?(sights: Sights): void;
  /** The core has healed, its owners agree, and nobody in it owes anybody anything. No client asked since. */
  converged?(): void | Promise<void>;
  /** Then every key was read, and nothing was asked for a while after that. */
  idled?(): void | Promise<void>;
  /** Every node was stopped. */
  over?(): void | Promise<void>;
}
