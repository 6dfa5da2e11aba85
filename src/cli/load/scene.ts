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

/** Of what is not measured, which is to be quick and to harm nobody, whatever an open loop allows. */
const BULK_IN_FLIGHT_MAX = 256;

export function bulkInFlight({ inFlight }: LoadOptions): number {
  return Math.min(inFlight, BULK_IN_FLIGHT_MAX);
}

export function sceneOf(options: LoadOptions, target: Target, around: Surroundings): Scene {
  const writes = new Writes(options, { target, run: around.run });
  return { options, target, around, draw: new Draw(options), writes };
}
