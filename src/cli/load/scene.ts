/** What the parts of one run share. */
import { Draw } from './draw.ts';
import type { LoadOptions, Surroundings } from './options.ts';
import type { Target } from './target.ts';
import { Writes } from './writes.ts';

export interface Scene {
  readonly options: LoadOptions;
  readonly target: Target;
  readonly around: Surroundings;
  readonly draw: Draw;
  readonly writes: Writes;
}

export function sceneOf(options: LoadOptions, target: Target, around: Surroundings): Scene {
  const writes = new Writes(options, { target, run: around.run });
  return { options, target, around, draw: new Draw(options), writes };
}
