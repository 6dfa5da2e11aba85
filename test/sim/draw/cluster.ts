/**
 * The cluster that a seed draws, what lies between its nodes and below them, and who stays broken in the end.
 */
import type { SeededRandom } from '../../../src/base/random.ts';
import type { ClientsPlan, ClusterPlan, DiskPlan, NetworkPlan, Outcast, Plan, StreamsPlan } from '../plan.ts';
import { weighted } from './chance.ts';

/** How often each size of a cluster is drawn; beyond 5 it costs much and seldom shows more. */
const SIZES: readonly (readonly [size: number, weight: number])[] = [
  [3, 30],
  [4, 15],
  [5, 28],
  [6, 9],
  [7, 8],
  [8, 5],
  [9, 5],
];

export function drawCluster(random: SeededRandom): ClusterPlan {
  const size = weighted(random, SIZES);
  const nodes = Array.from({ length: size }, (_, i) => `n${i + 1}`);
  const wanted = weighted(random, [
    [3, 80],
    [2, 8],
    [5, 8],
    [1, 4],
  ]);
  const zones = random.chance(0.6) ? 1 : 2 + random.below(2);
  const weights = random.chance(0.7) ? 1 : 2;
  const farOff = random.chance(0.3) ? 3_600_000 : 50;
  return {
    nodes,
    replication: Math.min(wanted, size),
    durability: random.chance(0.8) ? 'fsync' : 'os',
    callsMax: random.chance(0.1) ? 3 + random.below(10) : 4_096,
    places: nodes.map((_, i) => ({ zone: `z${1 + (i % zones)}`, weight: 1 + random.below(weights) })),
    clocks: nodes.map(() => ({
      rate: 1 + (random.fraction() - 0.5) * 0.04,
      wallOffMs: Math.round((random.fraction() - 0.5) * 2 * farOff),
    })),
  };
}

export function drawNetwork(random: SeededRandom): NetworkPlan {
  return {
    delayMs: { min: 0.1, usual: random.pick([0.5, 1, 5, 20]) },
    slowShare: random.pick([0, 0.01, 0.05]),
  };
}

export function drawStreams(random: SeededRandom, { clients }: ClientsPlan): StreamsPlan {
  return {
    idMax: random.pick([100, 2_000, 2 ** 32 - 1]),
    pieceBytesMax: random.pick([128, 2_048, 256 * 1024]),
    pipelined: clients.map(({ name }) => name).filter(() => random.chance(0.5)),
  };
}

export function drawDisks(random: SeededRandom): DiskPlan {
  return {
    writeMs: { min: 0.1, usual: random.pick([0.5, 2, 10]) },
    slowShare: random.pick([0, 0.005, 0.03]),
  };
}

/** In one run of four owners come together by anti-entropy alone. */
export function drawWithout(random: SeededRandom): Plan['without'] {
  return random.chance(0.25) ? ['read-repair', 'hints'] : [];
}

export function drawOutcasts(random: SeededRandom, { nodes, replication }: ClusterPlan): readonly Outcast[] {
  if (replication < 2 || random.chance(0.6)) return [];
  const most = nodes.length >= 5 && replication >= 3 ? 2 : 1;
  const left = [...nodes];
  return Array.from({ length: 1 + random.below(most) }, () => ({
    node: left.splice(random.below(left.length), 1)[0]!,
    state: random.pick(['dead', 'frozen', 'cut off'] as const),
  }));
}
