/**
 * A failure with all that its report needs: plain data, because it is found in one process and told by
 * another.
 */
import type { Invariant } from '../oracle.ts';
import type { Plan } from '../plan.ts';
import type { Line } from '../trace.ts';

export interface Finding {
  readonly seed: number;
  readonly invariant: Invariant;
  /** What the oracle said. */
  readonly text: string;
  readonly key: string | undefined;
  /** As the seed drew it, and the smallest one that fails in the same way. */
  readonly drawn: Plan;
  readonly smallest: Plan;
  /** How many plans were run to find that. */
  readonly tries: number;
  /**
   * Of the smallest plan: those that explain the failure; if they are too many, the faults and the last ones.
   */
  readonly lines: readonly Line[];
  /** How many of them are not shown. */
  readonly leftOut: number;
}
