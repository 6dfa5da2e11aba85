/** A run of load from its beginning to its figures: preload, warm-up, the measured part, the check. */
import type { Figures } from './figures.ts';
import type { LoadOptions, Surroundings } from './options.ts';
import type { Target } from './target.ts';

export async function runLoad(options: LoadOptions, target: Target, around: Surroundings): Promise<Figures> {
  void [options, target, around];
  return await Promise.reject(new Error('not yet'));
}
