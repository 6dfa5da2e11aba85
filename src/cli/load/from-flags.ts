/** From the flags of the command to the options of a run. */
import type { LoadFlags } from '../load-flags.ts';
import { WORKLOADS } from './mix.ts';
import type { LoadOptions } from './options.ts';

const MS_PER_SECOND = 1_000;
const SECONDS_DEFAULT = 10;
const IN_FLIGHT_DEFAULT = 64;
/** So many that only what is stuck reaches it: four seconds' worth at a thousand a second. */
const IN_FLIGHT_DEFAULT_OPEN = 4_096;

export function optionsOf(flags: LoadFlags, seed: number): LoadOptions {
  const { rate, operations } = flags;
  const { mix, choice } = flags.mix
    ? { mix: flags.mix, choice: 'zipfian' as const }
    : WORKLOADS[flags.workload];
  const seconds = flags.seconds ?? (operations === undefined ? SECONDS_DEFAULT : Number.POSITIVE_INFINITY);
  return {
    mix,
    choice: flags.distribution ?? choice,
    keys: flags.keys,
    valueBytes: flags.valueSize,
    inFlight: flags.inFlight ?? (rate === undefined ? IN_FLIGHT_DEFAULT : IN_FLIGHT_DEFAULT_OPEN),
    rate,
    warmUpMs: flags.warmUp * MS_PER_SECOND,
    measuredMs: seconds * MS_PER_SECOND,
    operations: operations ?? Number.POSITIVE_INFINITY,
    blind: flags.blind ?? false,
    contextsMax: flags.contexts,
    preload: flags.load ?? false,
    check: flags.check ?? false,
    distributions: flags.hgrm !== undefined,
    seed: flags.seed ?? seed,
  };
}
