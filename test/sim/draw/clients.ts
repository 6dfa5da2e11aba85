/** The clients that a seed draws: how many, how hasty, how strict, and what they do. */
import type { SeededRandom } from '../../../src/base/random.ts';
import type { ClientPlan, ClientsPlan, ClusterPlan, Deed } from '../plan.ts';
import { weighted } from './chance.ts';

const DEEDS: readonly Deed[] = [
  'get',
  'put blind',
  'read, merge, write',
  'put overwrite',
  'delete seen',
  'delete unseen',
];

/**
 * Of a value. A large one is seldom drawn: some dozens of them as siblings are near the limit of a record.
 */
const VALUE_BYTES_MAX: readonly (readonly [bytes: number, weight: number])[] = [
  [0, 70],
  [4_096, 27],
  [65_536, 3],
];

export function drawValueBytesMax(random: SeededRandom): number {
  return weighted(random, VALUE_BYTES_MAX);
}

/** Together they ask some ten to forty times a second, of few keys: faults are seen where writes meet. */
export function drawClients(random: SeededRandom, { replication }: ClusterPlan): ClientsPlan {
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
