/**
 * What a mutant is: a bug of one line, put into the compiled code as it is loaded. So production code carries
 * no switch, and a mutant that fits nowhere any more is an error, not a bug that nobody looks for.
 */
import type { Invariant } from '../oracle.ts';
import type { Plan } from '../plan.ts';

export interface Edit {
  /** `src/…`, the TypeScript file. */
  readonly file: string;
  /**
   * Found exactly once in the file, and once in what the compiler makes of it: so no type is in it, and no
   * line break, nor an `if` with its statement, which the compiler puts on two lines.
   */
  readonly find: string;
  readonly replace: string;
}

export interface Mutant extends Edit {
  /** The story, in one sentence. */
  readonly name: string;
  /** More of the same bug, where two guards stand one behind the other. */
  readonly also?: readonly Edit[];
  /** It must be caught within so many seeds. */
  readonly seeds: number;
  /**
   * What it is expected to break; whatever catches it is welcome, but to end its process only where `crash`
   * says so.
   */
  readonly invariants?: readonly (Invariant | 'crash')[];
  /** Aims the plan of every seed at what the mutant needs. The budget counts all seeds all the same. */
  readonly plan?: (plan: Plan) => Plan;
}

export function editsOf({ file, find, replace, also = [] }: Mutant): readonly Edit[] {
  return [{ file, find, replace }, ...also];
}

/** @throws Error unless the fragment is there exactly once */
export function edited(text: string, { file, find, replace }: Edit): string {
  const found = text.split(find).length - 1;
  if (found !== 1) throw new Error(`${file} holds this ${found} times and not once: ${find}`);
  return text.replace(find, () => replace);
}
