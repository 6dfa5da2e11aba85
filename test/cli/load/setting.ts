/** A run of load against a fake target, in virtual time. */
import type { CpuReading } from '../../../src/cli/load/cpu.ts';
import type { Figures } from '../../../src/cli/load/figures.ts';
import { type Mix, WORKLOADS } from '../../../src/cli/load/mix.ts';
import type { LoadOptions } from '../../../src/cli/load/options.ts';
import type { Progress } from '../../../src/cli/load/progress.ts';
import { runLoad } from '../../../src/cli/load/run.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { FakeTarget } from './fake-target.ts';

export const OPTIONS: LoadOptions = {
  ...WORKLOADS.a,
  keys: 20,
  valueBytes: 16,
  inFlight: 4,
  rate: undefined,
  warmUpMs: 0,
  measuredMs: Number.POSITIVE_INFINITY,
  operations: 200,
  blind: false,
  contextsMax: 100,
  preload: false,
  check: false,
  distributions: false,
  seed: 1,
};

export function mixOf(some: Partial<Mix>): Mix {
  return { read: 0, update: 0, insert: 0, rmw: 0, delete: 0, ...some };
}

export function setUp() {
  const clock = new VirtualClock();
  const target = new FakeTarget(clock);
  const progress: Progress[] = [];
  const stop = { told: false };
  const around = {
    clock,
    run: 77,
    stop,
    cpu: (): readonly CpuReading[] => [{ name: 'load', micros: clock.now() * 500, residentBytes: 1 }],
    progress: (state: Progress) => void progress.push(state),
  };
  const run = (options: Partial<LoadOptions> = {}): Promise<Figures> =>
    clock.done(runLoad({ ...OPTIONS, ...options }, target, around));
  return { clock, target, progress, stop, run };
}
