/**
 * What befalls the nodes, as a seed decides it: episodes, one after the other, each with blows to one or two
 * nodes. An episode ends when all of its nodes are back; so no more than two are ever away, and of the N = 3
 * primaries of a key one is always there. Pure.
 *
 * The shapes of episodes are dealt like cards: all of them once before any comes again, so that a short run
 * has met each. What is replayed is the plan; how fast a process starts or a call is answered is not.
 */
import { SeededRandom } from '../../src/base/random.ts';

export type BlowKind = 'kill' | 'freeze' | 'clean stop';

export interface Blow {
  readonly kind: BlowKind;
  readonly node: string;
  /** Since the episode began. */
  readonly afterMs: number;
  /** Until it is started or woken again. */
  readonly awayMs: number;
}

export interface Episode {
  /** All nodes are left alone for so long before. */
  readonly calmMs: number;
  /** No node twice. */
  readonly blows: readonly Blow[];
}

export interface PlanOptions {
  readonly seed: number;
  /** n1, n2, … */
  readonly nodes: readonly string[];
  readonly seconds: number;
}

interface Span {
  readonly min: number;
  readonly max: number;
}

/** From less than two heartbeats to more than any detector waits. */
const FROZEN_MS: Span = { min: 300, max: 8_000 };
const DOWN_MS: Span = { min: 200, max: 4_000 };
const RESTART_MS: Span = { min: 0, max: 500 };
const CALM_MS: Span = { min: 300, max: 4_000 };
/** Two that go in one moment, or nearly. */
const APART_MS: Span = { min: 0, max: 50 };
/** The first is frozen for longer than the restart of the second takes. */
const BESIDE: { readonly frozenMs: Span; readonly afterMs: Span } = {
  frozenMs: { min: 3_000, max: 8_000 },
  afterMs: { min: 0, max: 2_000 },
};

type Shape = (random: SeededRandom, nodes: readonly string[]) => readonly Blow[];

const SINGLE: readonly Shape[] = [
  (random, [node]) => [blow(random, { kind: 'kill', node: node! })],
  (random, [node]) => [blow(random, { kind: 'freeze', node: node! })],
  (random, [node]) => [blow(random, { kind: 'clean stop', node: node! })],
];

const DOUBLE: readonly Shape[] = [
  (random, nodes) =>
    nodes.map(node => {
      const kind = random.pick(['kill', 'kill', 'freeze', 'clean stop'] as const);
      return { ...blow(random, { kind, node }), afterMs: within(random, APART_MS) };
    }),
  restartBesideFrozen,
];

/** Enough for the time, and more than enough if nodes take theirs to start. */
export function drawPlan({ seed, nodes, seconds }: PlanOptions): readonly Episode[] {
  const random = new SeededRandom(seed);
  const shapes = nodes.length > 3 ? [...SINGLE, ...DOUBLE] : SINGLE;
  const episodes: Episode[] = [];
  for (let endMs = 0; endMs < seconds * 1000; ) {
    for (const shape of shuffled(random, shapes)) {
      const blows = shape(random, shuffled(random, nodes).slice(0, 2));
      const episode = { calmMs: within(random, CALM_MS), blows };
      endMs += episode.calmMs + Math.max(...blows.map(({ afterMs, awayMs }) => afterMs + awayMs));
      episodes.push(episode);
    }
  }
  return episodes;
}

function restartBesideFrozen(random: SeededRandom, [frozen, restarted]: readonly string[]): readonly Blow[] {
  const kind = random.pick(['kill', 'clean stop'] as const);
  return [
    { kind: 'freeze', node: frozen!, afterMs: 0, awayMs: within(random, BESIDE.frozenMs) },
    {
      kind,
      node: restarted!,
      afterMs: within(random, BESIDE.afterMs),
      awayMs: within(random, RESTART_MS),
    },
  ];
}

function blow(random: SeededRandom, { kind, node }: Pick<Blow, 'kind' | 'node'>): Blow {
  return { kind, node, afterMs: 0, awayMs: within(random, kind === 'freeze' ? FROZEN_MS : DOWN_MS) };
}

function within(random: SeededRandom, { min, max }: Span): number {
  return Math.round(min + random.fraction() * (max - min));
}

function shuffled<T>(random: SeededRandom, items: readonly T[]): readonly T[] {
  return items
    .map(item => ({ item, lot: random.u32() }))
    .sort((a, b) => a.lot - b.lot)
    .map(({ item }) => item);
}
