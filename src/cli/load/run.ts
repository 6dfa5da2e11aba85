/** A run of load from its beginning to its figures: preload, warm-up and the measured part, the check. */
import { readBack } from './check.ts';
import type { Figures } from './figures.ts';
import { measure } from './measure.ts';
import type { LoadOptions, Surroundings } from './options.ts';
import { preloadKeys } from './preload.ts';
import { sceneOf } from './scene.ts';
import type { Target } from './target.ts';

/**
 * Rejects with what is not a ShoalError, that is with a defect; operations that fail are in the figures.
 * @param target is not closed
 */
export async function runLoad(options: LoadOptions, target: Target, around: Surroundings): Promise<Figures> {
  const scene = sceneOf(options, target, around);
  const { ledger } = scene.writes;
  const preload = options.preload ? await preloadKeys(scene) : undefined;
  const measured = await measure(scene);
  const check = ledger && (await readBack(scene, ledger));
  return { seed: options.seed, ...measured, preload, check };
}
