/**
 * A closed loop with nothing in it but the operation, its latency and the CPU it takes: what is measured with
 * it costs little itself, so the engine of `shoal load`, which draws keys and makes values, would be half of
 * the figure.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { processFigures } from '../../src/cli/load/cpu.ts';
import { readCpu, type Watched } from '../../src/cli/load/cpu-readings.ts';
import { Latencies } from '../../src/cli/load/latencies.ts';
import { closedLoop } from '../../src/cli/load/loops.ts';
import { type Measured, measuredOf } from './measured.ts';

export interface Stretch {
  readonly inFlight: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
  readonly servers: readonly Watched[];
}

/** Rejects with the first operation that does. */
export async function rawLoop(operation: () => Promise<unknown>, stretch: Stretch): Promise<Measured> {
  const latencies = new Latencies();
  const state = { over: false };
  const one = async (): Promise<void> => {
    const began = performance.now();
    await operation();
    latencies.record(performance.now() - began);
  };
  const loop = closedLoop(stretch.inFlight, () => (state.over ? undefined : one()));
  try {
    return await Promise.race([watch(latencies, stretch), loop.then(neverEndsItself)]);
  } finally {
    state.over = true;
    await loop;
  }
}

async function watch(latencies: Latencies, { warmUpMs, measuredMs, servers }: Stretch): Promise<Measured> {
  await sleep(warmUpMs);
  latencies.reset();
  const [began, before] = [performance.now(), readCpu(servers)];
  await sleep(measuredMs);
  const seconds = (performance.now() - began) / 1000;
  const latency = latencies.figures({ distribution: false });
  const processes = processFigures({ before, after: readCpu(servers) }, latency.count);
  return measuredOf({ opsPerSecond: latency.count / seconds, latency, processes, failed: 0 });
}

function neverEndsItself(): never {
  throw new Error('the loop ended before it was told to');
}
