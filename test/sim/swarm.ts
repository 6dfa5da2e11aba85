/**
 * From a seed to a plan. Each run draws first which kinds of faults exist in it at all, and how hard they are (swarm testing, Groce et al. 2012):
 * a run with everything at once seldom gets far enough for what only two of them together bring about.
 */
import { SeededRandom } from '../../src/base/random.ts';
import { drawShape } from './network/shapes.ts';
import type {
  ClientPlan,
  ClientsPlan,
  ClusterPlan,
  Deed,
  DiskPlan,
  Fault,
  FaultKind,
  NetworkPlan,
  Outcast,
  Plan,
} from './plan.ts';

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

const KINDS: readonly FaultKind[] = [
  'kill',
  'power cut',
  'clean stop',
  'many down',
  'pause',
  'cut',
  'owners cut',
  'clog',
  'bad weather',
  'wall clock jump',
  'slow disk',
  'write error',
  'disk full',
  'bit rot',
  'log loss',
  'rollback',
  'wipe',
];

const DEEDS: readonly Deed[] = [
  'get',
  'put blind',
  'read, merge, write',
  'put overwrite',
  'delete seen',
  'delete unseen',
];

/** Nodes tell each other twice a second how far their stores have come: what was lost of less than that nobody can know. */
const BACKUP_AGE_MS_MIN = 1_500;

export function drawPlan(seed: number): Plan {
  const random = new SeededRandom(seed);
  const cluster = drawCluster(random);
  const safetyMs = between(random, 30_000, 95_000);
  const clients = drawClients(random, cluster);
  return {
    seed,
    cluster,
    network: drawNetwork(random),
    disks: drawDisks(random),
    clients,
    faults: drawFaults(random, { cluster, clients, safetyMs }),
    safetyMs,
    outcasts: drawOutcasts(random, cluster),
  };
}

function drawCluster(random: SeededRandom): ClusterPlan {
  const size = weighted(random, SIZES);
  const nodes = Array.from({ length: size }, (_, i) => `n${i + 1}`);
  const wanted = weighted(random, [
    [3, 80],
    [2, 8],
    [5, 8],
    [1, 4],
  ]);
  const farOff = random.chance(0.3) ? 3_600_000 : 50;
  return {
    nodes,
    replication: Math.min(wanted, size),
    durability: random.chance(0.8) ? 'fsync' : 'os',
    callsMax: random.chance(0.1) ? 3 + random.below(10) : 4_096,
    clocks: nodes.map(() => ({
      rate: 1 + (random.fraction() - 0.5) * 0.04,
      wallOffMs: Math.round((random.fraction() - 0.5) * 2 * farOff),
    })),
  };
}

function drawNetwork(random: SeededRandom): NetworkPlan {
  return {
    delayMs: { min: 0.1, usual: random.pick([0.5, 1, 5, 20]) },
    slowShare: random.pick([0, 0.01, 0.05]),
  };
}

function drawDisks(random: SeededRandom): DiskPlan {
  return {
    writeMs: { min: 0.1, usual: random.pick([0.5, 2, 10]) },
    slowShare: random.pick([0, 0.005, 0.03]),
  };
}

/** Together they ask some ten to forty times a second, of few keys: faults are seen where writes meet. */
function drawClients(random: SeededRandom, { replication }: ClusterPlan): ClientsPlan {
  const count = 2 + random.below(5);
  const perSecond = random.pick([8, 15, 30]);
  const keys = Array.from({ length: random.chance(0.2) ? 1 : 2 + random.below(9) }, (_, i) => `k${i + 1}`);
  const quorum = drawQuorum(random, replication);
  const strict = random.pick([0, 0.5, 1]);
  const mix = drawMix(random);
  const clients = Array.from({ length: count }, (_, i): ClientPlan => {
    const own = random.chance(0.8) ? quorum : drawQuorum(random, replication);
    const isPatient = random.chance(0.25);
    return {
      name: `c${i + 1}`,
      thinkMs: (1000 * count) / perSecond,
      strict: random.chance(strict),
      ...own,
      deadlineMs: isPatient ? 12_000 : random.pick([600, 1500, 3000]),
      mix,
      retries: isPatient ? 1 : random.pick([0, 0.5, 1]),
      pauseMs: isPatient ? 2_000 : 0,
    };
  });
  return { clients, keys };
}

function drawQuorum(random: SeededRandom, n: number): { r: number; w: number } {
  const majority = Math.floor(n / 2) + 1;
  if (random.chance(0.7)) return { r: majority, w: majority };
  return { r: 1 + random.below(n), w: 1 + random.below(n) };
}

function drawMix(random: SeededRandom): ClientPlan['mix'] {
  const shares = DEEDS.map(deed => [deed, random.chance(0.75) ? 0.1 + random.fraction() : 0] as const);
  return { ...(Object.fromEntries(shares) as Record<Deed, number>), get: 0.3 + random.fraction() };
}

interface Scene {
  readonly cluster: ClusterPlan;
  readonly clients: ClientsPlan;
  readonly safetyMs: number;
}

function drawFaults(random: SeededRandom, scene: Scene): readonly Fault[] {
  const kinds = KINDS.filter(() => random.chance(0.4));
  const gapMs = random.pick([500, 1_500, 4_000, 8_000]);
  const insistence = random.pick([0, 0, 0.4]);
  if (kinds.length === 0 || random.chance(0.03)) return [];
  const faults: Fault[] = [];
  for (let at = soon(random, gapMs); at < scene.safetyMs; at += soon(random, gapMs)) {
    const drawn = drawFault(random, random.pick(kinds), scene);
    faults.push({ id: faults.length + 1, at, ...drawn } as Fault);
    if (!('node' in drawn && 'downMs' in drawn && random.chance(insistence))) continue;
    // The same once more, just when the node comes back, or has not got far.
    at += drawn.downMs + random.below(random.pick([300, 3_000]));
    faults.push({ id: faults.length + 1, at, ...drawn } as Fault);
  }
  return random.chance(0.25) ? rollingRestart(random, faults, scene) : faults;
}

type WithoutTime<F> = F extends Fault ? Omit<F, 'id' | 'at'> : never;

function drawFault(random: SeededRandom, kind: FaultKind, scene: Scene): WithoutTime<Fault> {
  const { nodes } = scene.cluster;
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
      return { kind, key: random.pick(scene.clients.keys), ms };
    case 'pause':
      return { kind, node, ms: random.chance(0.5) ? soon(random, 200) : ms };
    case 'cut':
      return { kind, ...drawShape(random, everybody(random, scene)), ms };
    case 'clog':
      return { kind, ways: drawShape(random, everybody(random, scene)).ways, ms: Math.min(ms, 4_000) };
    case 'bad weather':
      return {
        kind,
        ways: random.chance(0.5) ? allWays(everybody(random, scene)) : drawShape(random, nodes).ways,
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

/** One node after the other, as an upgrade does it, on top of what happens anyway. */
function rollingRestart(random: SeededRandom, faults: readonly Fault[], scene: Scene): readonly Fault[] {
  const from = random.fraction() * scene.safetyMs * 0.5;
  const stepMs = random.pick([1_000, 4_000]);
  const stops = scene.cluster.nodes.map((node, i) => ({
    id: 0,
    at: from + i * stepMs,
    kind: random.chance(0.8) ? ('clean stop' as const) : ('kill' as const),
    node,
    downMs: stepMs * 0.4,
  }));
  const all = [...faults, ...stops].sort((a, b) => a.at - b.at);
  return all.map((fault, i) => ({ ...fault, id: i + 1 }));
}

function drawOutcasts(random: SeededRandom, { nodes, replication }: ClusterPlan): readonly Outcast[] {
  if (replication < 2 || random.chance(0.6)) return [];
  const most = nodes.length >= 5 && replication >= 3 ? 2 : 1;
  const left = [...nodes];
  return Array.from({ length: 1 + random.below(most) }, () => ({
    node: left.splice(random.below(left.length), 1)[0]!,
    state: random.pick(['dead', 'frozen', 'cut off'] as const),
  }));
}

/** Partitions sometimes run between clients and nodes, too. */
function everybody(random: SeededRandom, { cluster, clients }: Scene): readonly string[] {
  return random.chance(0.7) ? cluster.nodes : [...cluster.nodes, ...clients.clients.map(({ name }) => name)];
}

function allWays(names: readonly string[]) {
  return names.flatMap(from => names.filter(to => to !== from).map(to => ({ from, to })));
}

/** Exponential: mostly shorter than the mean, now and then much longer. */
function soon(random: SeededRandom, meanMs: number): number {
  return Math.round(-Math.log(1 - random.fraction()) * meanMs) + 1;
}

function between(random: SeededRandom, min: number, max: number): number {
  return Math.round(min + random.fraction() * (max - min));
}

function weighted(random: SeededRandom, choices: readonly (readonly [number, number])[]): number {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random.fraction() * total;
  for (const [choice, weight] of choices) {
    left -= weight;
    if (left < 0) return choice;
  }
  return choices.at(-1)![0];
}
