/** One fault of a given kind, with all that is random about it. */
import type { SeededRandom } from '../../../src/base/random.ts';
import { drawShape } from '../network/shapes.ts';
import type { ClientsPlan, ClusterPlan, Fault, FaultKind, Way } from '../plan.ts';
import { soon } from './chance.ts';

/** Where faults may happen. */
export interface Ground {
  readonly cluster: ClusterPlan;
  readonly clients: ClientsPlan;
  readonly safetyMs: number;
}

/**
 * Nodes tell each other twice a second how far their stores have come, and write it down every two seconds:
 * what was lost of less than that nobody can know.
 */
const BACKUP_AGE_MS_MIN = 3_500;

type WithoutTime<F> = F extends Fault ? Omit<F, 'id' | 'at'> : never;

export function drawFault(random: SeededRandom, kind: FaultKind, ground: Ground): WithoutTime<Fault> {
  const { nodes } = ground.cluster;
  const node = random.pick(nodes);
  const ms = soon(random, 5_000);
  const downMs = soon(random, 3_000);
  switch (kind) {
    case 'kill':
    case 'power cut':
    case 'clean stop':
    case 'wipe':
      return { kind, node, downMs };
    case 'many down':
      return {
        kind,
        nodes: random.chance(0.5) ? nodes : nodes.filter(() => random.chance(0.6)),
        how: random.pick(['kill', 'power cut', 'clean stop'] as const),
        downMs,
        stepMs: random.pick([0, 10, 1_000]),
      };
    case 'owners cut':
      return { kind, key: random.pick(ground.clients.keys), ms };
    case 'pause':
      return { kind, node, ms: random.chance(0.5) ? soon(random, 200) : ms };
    case 'cut':
      return { kind, ...drawShape(random, everybody(random, ground)), ms };
    case 'clog':
      return { kind, ways: drawShape(random, everybody(random, ground)).ways, ms: Math.min(ms, 4_000) };
    case 'bad weather':
      return {
        kind,
        // Only unary calls, which are clients', can come twice or overtake each other.
        ways: random.chance(0.5) ? allWays(everybody(random, ground, 0.9)) : drawShape(random, nodes).ways,
        ms,
        loss: random.pick([0, 0.02, 0.1, 0.3]),
        duplicate: random.pick([0, 0.05, 0.2]),
        jitterMs: random.pick([0, 20, 200, 1_000]),
      };
    case 'wall clock jump':
      return {
        kind,
        node,
        byMs: Math.round((random.fraction() - 0.5) * random.pick([200, 60_000, 7_200_000])),
      };
    case 'slow disk':
      return { kind, node, factor: random.pick([5, 30, 200]), ms };
    case 'write error':
      return { kind, node, applied: random.chance(0.5), restartAfterMs: soon(random, 4_000) };
    case 'disk full':
      return { kind, node, ms, tried: random.chance(0.3) };
    case 'bit rot':
      return { kind, node, pick: random.u32() };
    case 'log loss':
      return { kind, node, downMs, tail: random.chance(0.5), batches: 1 + random.below(10) };
    case 'rollback':
      return {
        kind,
        node,
        downMs,
        backMs: BACKUP_AGE_MS_MIN + soon(random, 8_000),
        toCleanStop: random.chance(0.4),
        copied: random.chance(0.3),
        amnesia: random.chance(0.3),
      };
  }
}

/** Faults of the network sometimes lie between clients and nodes, too. */
function everybody(random: SeededRandom, { cluster, clients }: Ground, share = 0.3): readonly string[] {
  const { nodes } = cluster;
  return random.chance(1 - share) ? nodes : [...nodes, ...clients.clients.map(({ name }) => name)];
}

function allWays(names: readonly string[]): readonly Way[] {
  return names.flatMap(from => names.filter(to => to !== from).map(to => ({ from, to })));
}
