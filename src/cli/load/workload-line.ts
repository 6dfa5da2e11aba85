/** What is about to be done, in one line. Pure. */
import { KINDS } from './mix.ts';
import type { LoadOptions } from './options.ts';

/** "50 read, 50 update; zipfian over 10000 keys; values of 100 bytes; closed loop, 64 in flight; seed 7" */
export function workloadLine(options: LoadOptions): string {
  const { mix, choice, keys, valueBytes, rate, inFlight, seed } = options;
  const shares = KINDS.filter(kind => mix[kind] > 0).map(kind => `${mix[kind]} ${kind}`);
  const loop =
    rate === undefined
      ? `closed loop, ${inFlight} in flight`
      : `${rate} a second, at most ${inFlight} in flight`;
  return `${shares.join(', ')}; ${choice} over ${keys} keys; values of ${valueBytes} bytes; ${loop}; seed ${seed}`;
}
