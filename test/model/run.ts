/** Runs histories from seeds, and cuts a failing one down to the events it needs. */
import { SeededRandom } from '../../src/base/random.ts';
import type { Figures } from './clients.ts';
import { drawHistory, type History, tell } from './events.ts';
import { Objection } from './oracles.ts';
import { PRODUCTION, type Rules } from './rules.ts';
import { World } from './world.ts';

export interface Failure {
  readonly seed: number;
  readonly objection: string;
  /** No event can be taken out of it without the objection going away. */
  readonly shortest: History;
}

/** Draws the history of this seed and runs it; adds to `figures`. */
export function runSeed(
  seed: number,
  { rules = PRODUCTION, figures }: { rules?: Rules; figures?: Figures } = {},
): Failure | undefined {
  const history = drawHistory(new SeededRandom(seed));
  const objection = run(history, { rules, seed, ...(figures && { figures }) });
  if (objection === undefined) return undefined;
  const shortest = shrink(history, shorter => run(shorter, { rules, seed }) !== undefined);
  return { seed, objection: run(shortest, { rules, seed }) ?? objection, shortest };
}

/** What the oracles object to, if anything. Anything else that is thrown is an objection too. */
export function run(
  history: History,
  { rules = PRODUCTION, seed = 0, figures }: { rules?: Rules; seed?: number; figures?: Figures },
) {
  const world = new World(rules, { skewed: seed % 3 === 0 });
  try {
    world.run(history);
    return undefined;
  } catch (error) {
    return error instanceof Objection ? error.message : String((error as Error).stack);
  } finally {
    if (figures) add(figures, world.figures);
  }
}

/** Drops events one by one as long as the history still fails. */
export function shrink(history: History, fails: (shorter: History) => boolean): History {
  const droppable = history.findIndex((_, i) => fails(history.toSpliced(i, 1)));
  return droppable < 0 ? history : shrink(history.toSpliced(droppable, 1), fails);
}

export function report({ seed, objection, shortest }: Failure): string {
  return [
    `${objection}`,
    ...shortest.map(event => `  ${tell(event)}`),
    `replay: SHOAL_MODEL_SEED=${seed} SHOAL_MODEL_HISTORIES=1 make check-model`,
  ].join('\n');
}

function add(sum: Figures, more: Figures): void {
  for (const name of Object.keys(sum) as (keyof Figures)[]) sum[name] += more[name];
}
