/**
 * A cluster without clients and without faults of its own, as a plan: whoever looks at gossip brings about
 * what befalls it. One seed decides the clocks, the delays and everything that nodes draw.
 */
import { SeededRandom } from '../../../src/base/random.ts';
import type { Plan } from '../plan.ts';

/** How far apart the rates of two monotonic clocks may be: ordinary quartz is a tenth of it off. */
const DRIFT = 0.001;

export function calmPlan({ seed, nodes: count }: { readonly seed: number; readonly nodes: number }): Plan {
  const random = new SeededRandom(seed);
  const nodes = Array.from({ length: count }, (_, i) => `n${String(i + 1).padStart(2, '0')}`);
  return {
    seed,
    cluster: {
      nodes,
      replication: 3,
      durability: 'fsync',
      callsMax: 4_096,
      places: nodes.map(() => ({ zone: 'z1', weight: 1 })),
      clocks: nodes.map(() => ({ rate: 1 + (random.fraction() - 0.5) * DRIFT, wallOffMs: 0 })),
    },
    network: { delayMs: { min: 0.1, usual: 1 }, slowShare: 0.01 },
    streams: { idMax: 2 ** 32 - 1, pieceBytesMax: 256 * 1024, pipelined: [] },
    disks: { writeMs: { min: 0.5, usual: 2 }, slowShare: 0 },
    clients: { clients: [], keys: [] },
    valueBytesMax: 0,
    calmBirth: true,
    // Its messages would be counted with what nodes say of each other.
    without: ['anti-entropy'],
    faults: [],
    safetyMs: 0,
    outcasts: [],
  };
}
