/**
 * The rules under test, as one value, so that the same model runs the production's and those of the mutants.
 */
import { mint } from '../../src/core/record/minting.ts';
import {
  merge,
  type NewWrite,
  overwrite,
  overwriteUnseen,
  put,
  type Record,
  remove,
  type Seen,
  seenOf,
  view,
} from '../../src/core/record/record.ts';
import type { Birth } from '../../src/core/rows/row.ts';

export interface Rules {
  // core/record/record.ts and core/record/minting.ts
  readonly merge: typeof merge;
  readonly view: typeof view;
  readonly seenOf: typeof seenOf;
  readonly put: (record: Record, by: { seen: Seen; write: NewWrite }) => Record;
  readonly overwrite: typeof overwrite;
  readonly overwriteUnseen: typeof overwriteUnseen;
  readonly remove: typeof remove;
  readonly mint: typeof mint;
  // what the engines owe them
  /** What is sent of a record just updated by `write`. */
  readonly shipped: (record: Record, write: NewWrite | undefined) => Record;
  /** What is left of a row's birth when the row is lost. */
  readonly birthAfterLoss: (birth: Birth | undefined) => Birth | undefined;
  /** What befalls a node that draws a new incarnation for it. */
  readonly newIncarnationAfter: ReadonlySet<'crash' | 'restore'>;
  /** An ack waits for the commit (I4). */
  readonly acksAfterCommit: boolean;
  /** An overwrite that was itself replaced is not acknowledged as long as what it met unseen stands. */
  readonly waitsForUnseen: boolean;
  /** A recovering node's answer counts in no strict read (I5). */
  readonly recoveringCounts: boolean;
  /** How many owners confirm a foreign record before its holder removes it (I8). */
  readonly confirmationsNeeded: number;
}

export const PRIMARIES = [0, 1, 2] as const;
export const NODES = [0, 1, 2, 3, 4] as const;
export const R = 2;
export const W = 2;

export const PRODUCTION: Rules = {
  merge,
  view,
  seenOf,
  put,
  overwrite,
  overwriteUnseen,
  remove,
  mint,
  shipped: record => record,
  birthAfterLoss: () => undefined,
  newIncarnationAfter: new Set(['crash', 'restore']),
  acksAfterCommit: true,
  waitsForUnseen: true,
  recoveringCounts: false,
  confirmationsNeeded: PRIMARIES.length,
};
