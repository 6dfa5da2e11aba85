/**
 * The shapes in which networks fall apart, as ways to cut among nodes: those by which Jepsen finds bugs
 * (TRAPS R12), each also in one direction only, as a broken card or a firewall rule does it. Pure; who plays
 * which part follows from the order of the names.
 */
import type { SeededRandom } from '../../../src/base/random.ts';
import type { Way } from '../plan.ts';

type Names = readonly string[];

interface Shape {
  readonly shape: string;
  /** Of three nodes or more. */
  readonly ways: (names: Names) => readonly Way[];
}

/** Whatever any of these says to any of those. */
function oneWay(from: Names, to: Names): readonly Way[] {
  return from.flatMap(a => to.map(b => ({ from: a, to: b })));
}

function between(some: Names, others: Names): readonly Way[] {
  return [...oneWay(some, others), ...oneWay(others, some)];
}

/** The first so many, and the rest. */
function split(names: Names, first: number): readonly [Names, Names] {
  return [names.slice(0, first), names.slice(first)];
}

const half = (names: Names) => split(names, Math.floor(names.length / 2));
const third = (names: Names) => split(names, Math.floor(names.length / 3));

/** The first is seen by two halves that do not see each other. */
function bridge([_, ...others]: Names): readonly [Names, Names] {
  return half(others);
}

/**
 * Everybody hears a majority, and no two hear the same one: on a ring, the nearest on both sides. Three nodes
 * have no such majorities in both directions; each of them hears the next one, which does not hear it.
 */
function ringOfMajorities(names: Names): readonly Way[] {
  if (names.length === 3) return names.map((from, i) => ({ from, to: names[(i + 1) % 3]! }));
  const reach = Math.ceil(Math.floor(names.length / 2) / 2);
  const cut = (from: number, to: number) => {
    const steps = Math.abs(from - to);
    return Math.min(steps, names.length - steps) > reach;
  };
  return names.flatMap((from, i) => names.filter((_, j) => cut(i, j)).map(to => ({ from, to })));
}

export const SHAPES: readonly Shape[] = [
  { shape: 'one against all', ways: names => between(...split(names, 1)) },
  { shape: 'one is not heard', ways: names => oneWay(...split(names, 1)) },
  { shape: 'one hears nobody', ways: ([one, ...others]) => oneWay(others, [one!]) },
  { shape: 'halves', ways: names => between(...half(names)) },
  { shape: 'one half is not heard', ways: names => oneWay(...half(names)) },
  { shape: 'minority third', ways: names => between(...third(names)) },
  { shape: 'minority third is not heard', ways: names => oneWay(...third(names)) },
  { shape: 'bridge', ways: names => between(...bridge(names)) },
  { shape: 'bridge in one direction', ways: names => oneWay(...bridge(names)) },
  { shape: 'ring of majorities', ways: ringOfMajorities },
  { shape: 'a single way', ways: ([one, other]) => [{ from: one!, to: other! }] },
];

/** One of the shapes, with the parts given out by lot. */
export function drawShape(
  random: SeededRandom,
  names: Names,
): { readonly shape: string; readonly ways: readonly Way[] } {
  const { shape, ways } = random.pick(SHAPES);
  return { shape, ways: ways(shuffled(random, names)) };
}

/** Fisher and Yates. */
function shuffled(random: SeededRandom, names: Names): Names {
  const left = [...names];
  return names.map(() => left.splice(random.below(left.length), 1)[0]!);
}
