/** Load on a cluster with the engine of `shoal load`, through the SDK or as a plain gRPC client. */
import { randomInt } from 'node:crypto';
import { readCpu } from '../../src/cli/load/cpu-readings.ts';
import { runLoad } from '../../src/cli/load/run.ts';
import { SdkTarget } from '../../src/cli/load/sdk-target.ts';
import type { Target } from '../../src/cli/load/target.ts';
import { connect } from '../../src/client/index.ts';
import type { LoadJob } from '../run/jobs.ts';
import { type Measured, measuredLoad } from '../run/measured.ts';
import { PlainTarget } from './plain-target.ts';

const RUN_BELOW = 2 ** 47;

export async function measureLoad({ options, servers, ...where }: LoadJob): Promise<Measured> {
  const { target, close } = open(where);
  try {
    const figures = await runLoad(options, target, {
      clock: CLOCK,
      run: randomInt(RUN_BELOW),
      cpu: () => readCpu(servers),
      progress: () => {},
      stop: { told: false },
    });
    const unwritten = Object.keys(figures.preload?.errors ?? {});
    if (unwritten.length > 0) throw new Error(`not all keys could be written: ${unwritten.join(', ')}`);
    return measuredLoad(figures);
  } finally {
    await close();
  }
}

interface Opened {
  readonly target: Target;
  readonly close: () => Promise<void> | void;
}

function open({ door, addresses, bucket }: Pick<LoadJob, 'door' | 'addresses' | 'bucket'>): Opened {
  if (door === 'plain') {
    const target = new PlainTarget(addresses, bucket);
    return { target, close: () => target.close() };
  }
  const client = connect({ addresses });
  const target = new SdkTarget({ clients: [client], bucket, r: 0, w: 0, strict: false, readBackR: 2 });
  return { target, close: () => client.close() };
}

/** Its timers keep the process alive. */
const CLOCK = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (ms: number, action: () => void) => {
    const timer = setTimeout(action, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};
