/**
 * Loads the simulator, with a mutant in it if one is named. Nothing of src may be loaded in this process
 * before.
 */
import { register } from 'node:module';
import { MUTANTS } from '../mutants/all.ts';
import { editsOf, type Mutant } from '../mutants/mutate.ts';
import type { Plan } from '../plan.ts';
import type { Simulator } from './trial.ts';

/**
 * @param number 1, 2, 3 …: the mutant's; undefined: the code as it is. Rejects when the mutant does not fit
 * the code.
 */
export async function loadSimulator(number: number | undefined): Promise<Simulator> {
  const mutant = number === undefined ? undefined : mutantOf(number);
  if (mutant) register('../mutants/loader.js', import.meta.url, { data: editsOf(mutant) });
  const [{ drawPlan }, { runPlan }] = await Promise.all([import('../swarm.ts'), import('../run.ts')]);
  const simulator = { drawPlan, runPlan };
  return number === undefined ? simulator : aimed(simulator, number);
}

/** The same, with its plans aimed at what that mutant needs. */
export function aimed(simulator: Simulator, number: number): Simulator {
  const { plan = (drawn: Plan) => drawn } = mutantOf(number);
  return { ...simulator, drawPlan: seed => plan(simulator.drawPlan(seed)) };
}

/** @param number one that the settings let pass */
export function mutantOf(number: number): Mutant {
  return MUTANTS[number - 1]!;
}
