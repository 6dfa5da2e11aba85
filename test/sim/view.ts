/**
 * The cluster as only its simulator can see it: what lies on every disk, who is alive, what went over the
 * wire. For oracles.
 */
import type { KeyPlace } from '../../src/core/ring/placement.ts';
import type { Row } from '../../src/core/rows/row.ts';
import type { Node } from '../../src/node.ts';
import type { Store } from '../../src/ports/store.ts';
import type { Note } from './notes.ts';
import type { Way } from './plan.ts';

export interface View {
  /** True time, ms. */
  readonly now: number;
  /** All of them, sorted. */
  readonly nodes: readonly string[];
  /** Those that healed; all of them before that. */
  readonly core: readonly string[];
  /** N. */
  readonly replication: number;
  readonly keys: readonly string[];
  place(key: string): KeyPlace;
  primaries(key: string): readonly string[];
  /** What lies on that node's disk under the key, as the next process would find it. */
  row(node: string, key: string): Row | 'damaged' | undefined;
  /**
   * Whether that node's answers about the key count in strict reads: it runs, and has got over whatever it
   * lost.
   */
  isWhole(node: string, key: string): boolean;
  /** It still merges the key's partition with its other owners, and compares it with nobody until then. */
  isFilling(node: string, key: string): boolean;
  /**
   * Whether that node's disk was set back without its noticing, and no process runs elsewhere that may have
   * heard of what it lost: documented as what can pass unseen (ARCHITECTURE.md, "Other nodes remember …").
   */
  isUntold(node: string): boolean;
  /** The notes that lie there: whom it owes which key. */
  notes(node: string): readonly Note[];
  /** All that lies there, in the form of the store that the next process would open. */
  disk(node: string): Store;
  /** It serves, and does not stand still. */
  isWell(node: string): boolean;
  isFrozen(node: string): boolean;
  /** Nobody can reach it, for it does not run, stands still, or is an outcast. */
  isGone(node: string): boolean;
  /** No fault lies on any of these ways; of all ways, if none is given. */
  isClear(ways?: readonly Way[]): boolean;
  /** Messages are lost, doubled or late by chance, somewhere. */
  readonly isStormy: boolean;
  /** How often anything has changed that may change who can reach whom: faults, starts and ends. */
  readonly changes: number;
  /** Undefined while no process runs there. */
  running(node: string): Node | undefined;
  /** Sum over the life of all processes of that node, or of all nodes. */
  counted(metric: string, node?: string): number;
  /** How many calls of that method of the peer service were sent so far by anybody: `Apply`, `Read` … */
  sent(method: string): number;
}
