/** Which faults happen in a run, and when: the kinds first, then so many of them. */
import type { SeededRandom } from '../../../src/base/random.ts';
import type { Fault, FaultKind } from '../plan.ts';
import { between, soon } from './chance.ts';
import { drawFault, type Ground } from './fault.ts';

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

/** What may befall nodes that have no ring yet: nothing that fails a write or costs data. */
const BIRTH_KINDS: readonly FaultKind[] = [
  'kill',
  'power cut',
  'clean stop',
  'many down',
  'pause',
  'cut',
  'clog',
  'bad weather',
  'slow disk',
];

export function drawFaults(random: SeededRandom, ground: Ground): readonly Fault[] {
  const kinds = KINDS.filter(() => random.chance(0.4));
  const gapMs = random.pick([500, 1_500, 4_000, 8_000]);
  const insistence = random.pick([0, 0, 0.4]);
  if (kinds.length === 0 || random.chance(0.03)) return [];
  const faults: Fault[] = [];
  for (let at = soon(random, gapMs); at < ground.safetyMs; at += soon(random, gapMs)) {
    const drawn = drawFault(random, random.pick(kinds), ground);
    faults.push({ id: faults.length + 1, at, ...drawn } as Fault);
    if (!('node' in drawn && 'downMs' in drawn && random.chance(insistence))) continue;
    // The same once more, just when the node comes back, or has not got far.
    at += drawn.downMs + random.below(random.pick([300, 3_000]));
    faults.push({ id: faults.length + 1, at, ...drawn } as Fault);
  }
  return random.chance(0.25) ? rollingRestart(random, faults, ground) : faults;
}

/** Hard and fast, from the very beginning: a birth takes but a second or two. */
export function drawBirthFaults(random: SeededRandom, ground: Ground): readonly Fault[] {
  const kinds = BIRTH_KINDS.filter(() => random.chance(0.5));
  const gapMs = random.pick([100, 300, 1_000]);
  const untilMs = between(random, 2_000, 12_000);
  const faults: Fault[] = [];
  for (let at = 0; kinds.length > 0 && at < untilMs; at += soon(random, gapMs)) {
    faults.push({ id: faults.length + 1, at, ...drawFault(random, random.pick(kinds), ground) } as Fault);
  }
  return faults;
}

/** One node after the other, as an upgrade does it, on top of what happens anyway. */
function rollingRestart(random: SeededRandom, faults: readonly Fault[], ground: Ground): readonly Fault[] {
  const from = random.fraction() * ground.safetyMs * 0.5;
  const stepMs = random.pick([1_000, 4_000]);
  const stops = ground.cluster.nodes.map((node, i) => ({
    id: 0,
    at: from + i * stepMs,
    kind: random.chance(0.8) ? ('clean stop' as const) : ('kill' as const),
    node,
    downMs: stepMs * 0.4,
  }));
  return inOrder([...faults, ...stops]);
}

/** By time, and numbered so. */
export function inOrder(faults: readonly Fault[]): readonly Fault[] {
  return faults.toSorted((a, b) => a.at - b.at).map((fault, i) => ({ ...fault, id: i + 1 }));
}
