/**
 * Every oracle there is, in the order in which they are told: the book and the pledges first, because the
 * others look things up there; before them only who asks for what was there until now.
 */
import type { Operation } from '../history.ts';
import type { Oracle } from '../oracle.ts';
import type { View } from '../view.ts';
import { Acquainted } from './acquainted.ts';
import { Book } from './book.ts';
import { Bounds, type Traffic } from './bounds.ts';
import { Convergence } from './convergence.ts';
import { type DeadlineLimits, Deadlines, type Served } from './deadlines.ts';
import { Digests } from './digests.ts';
import { Dots } from './dots.ts';
import { Durability } from './durability.ts';
import { Excuses } from './excuses.ts';
import { watchGrowth } from './growth.ts';
import { Idle } from './idle.ts';
import { Overwrites } from './overwrites.ts';
import { Pledges } from './pledges.ts';
import { Promises } from './promises.ts';
import { Refused } from './refused.ts';
import { Removals } from './removals.ts';
import { Replaced } from './replaced.ts';
import { Replies } from './replies.ts';
import { Standstill } from './standstill.ts';
import { Steady } from './steady.ts';
import { StrictReads } from './strict-reads.ts';
import { Sums } from './sums.ts';
import { Unprovoked } from './unprovoked.ts';

/** What oracles need beyond the view: those of a part that is not given are left out. */
export interface Surroundings {
  readonly deadlines?: DeadlineLimits & {
    readonly onServed: (tell: (served: Served) => void) => void;
  };
  readonly traffic?: Traffic;
  /** The network may carry a put out twice: then one that was refused may come in by its copy. */
  readonly doubles?: boolean;
  /** No fault will happen, and nothing is slow by chance: each write reaches all its owners at once. */
  readonly calm?: boolean;
  /** An answer is wrong, and nobody could have known. */
  readonly onExcused?: (operation: Operation) => void;
  /** What was confirmed and removed is not there, and that is nobody's fault. */
  readonly onRemovalExcused?: (why: string) => void;
}

export function allOracles(view: View, surroundings: Surroundings = {}): readonly Oracle[] {
  const { deadlines, traffic, doubles = false, calm = false, onExcused, onRemovalExcused } = surroundings;
  const book = new Book(view);
  const pledges = new Pledges(view, book);
  const excuses = new Excuses(view, { book, onExcused });
  const dots = new Dots(book);
  watchGrowth(book);
  return [
    new Removals(view, { book, onExcused: onRemovalExcused }),
    book,
    pledges,
    excuses,
    new Replies(view, book),
    new Replaced(book),
    new Overwrites(view, { book, pledges, excuses }),
    ...(doubles ? [] : [new Refused(book)]),
    new Durability(view, book),
    new StrictReads(view, { book, pledges, excuses }),
    new Promises(view, { book, pledges }),
    dots,
    new Sums(view),
    new Digests(view),
    new Convergence(view),
    new Idle(view),
    ...(calm ? [new Unprovoked(view)] : []),
    new Acquainted(view),
    new Steady(view),
    new Standstill(view),
    ...(deadlines ? [watching(deadlines)] : []),
    ...(traffic ? [new Bounds(view, traffic)] : []),
  ];
}

function watching(deadlines: NonNullable<Surroundings['deadlines']>): Deadlines {
  const oracle = new Deadlines(deadlines);
  deadlines.onServed(served => oracle.served(served));
  return oracle;
}
