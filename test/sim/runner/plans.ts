/** Small plans, for tests of what deals with plans. */
import type { Fault, Plan } from '../plan.ts';

export function aPlan(of: Partial<Plan> = {}): Plan {
  return {
    seed: 7,
    cluster: {
      nodes: ['n1', 'n2', 'n3'],
      replication: 3,
      durability: 'fsync',
      callsMax: 4_096,
      places: [],
      clocks: [],
    },
    network: { delayMs: { min: 0.1, usual: 1 }, slowShare: 0 },
    streams: { idMax: 2 ** 32 - 1, pieceBytesMax: 256 * 1024, pipelined: [] },
    disks: { writeMs: { min: 0.1, usual: 1 }, slowShare: 0 },
    clients: { clients: [], keys: ['k1', 'k2'] },
    without: [],
    faults: [],
    safetyMs: 60_000,
    calmBirth: true,
    valueBytesMax: 0,
    outcasts: [],
    ...of,
  };
}

export function kill(id: number): Fault {
  return { id, at: 0, kind: 'kill', node: 'n1', downMs: 1_000 };
}
