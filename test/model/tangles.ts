/**
 * Several requests at once, each in its own order and all woven together: most of them overwrites, which meet
 * each other's halves. What a plain draw brings about once in a million histories (three overwrites of which
 * each replaces the next) happens here all the time.
 */
import type { SeededRandom } from '../../src/base/random.ts';
import type { Happening, History } from './events.ts';
import { PRIMARIES } from './rules.ts';

/** One event of a thread; `own` are the numbers of those that came before it and its own, `other` a write. */
type Step = (of: { readonly own: readonly number[]; readonly other: number }) => Happening;

interface Thread {
  readonly steps: readonly Step[];
  /** Which of them is the write. */
  readonly writeAt: number;
}

interface Surroundings {
  readonly nodes: readonly number[];
  readonly past: History;
  /** Anything else that may happen in between. */
  readonly elsewhere: () => Happening;
}

export function drawTangle(
  random: SeededRandom,
  { nodes, past, elsewhere }: Surroundings,
): readonly Happening[] {
  const threads = Array.from({ length: 2 + random.below(4) }, () =>
    drawThread(random, random.chance(0.6) ? PRIMARIES : nodes),
  );
  const order = weave(
    random,
    threads.map(({ steps }) => steps.length),
  );
  const numbers = threads.map((_, i) => order.flatMap((of, at) => (of === i ? [past.length + 1 + at] : [])));
  const writes = threads.map(({ writeAt }, i) => numbers[i]![writeAt]!);
  const left = threads.map(({ steps }) => [...steps]);
  return order.map(i =>
    i === undefined ? elsewhere() : left[i]!.shift()!({ own: numbers[i]!, other: random.pick(writes) }),
  );
}

/** Whose turn it is, often the same one's again; undefined: something else happens. */
function weave(random: SeededRandom, lengths: readonly number[]): readonly (number | undefined)[] {
  const left = [...lengths];
  const order: (number | undefined)[] = [];
  for (let last: number | undefined; left.some(steps => steps > 0); ) {
    const open = left.flatMap((steps, i) => (steps > 0 ? [i] : []));
    const next = last !== undefined && left[last]! > 0 && random.chance(0.5) ? last : random.pick(open);
    if (random.chance(0.03)) order.push(undefined);
    order.push(next);
    left[next]!--;
    last = next;
  }
  return order;
}

/** A write, its first round, and what follows if it is an overwrite that met something. */
function drawThread(random: SeededRandom, nodes: readonly number[]): Thread {
  const [at, to, third] = [random.pick(nodes), random.pick(nodes), random.pick(nodes)];
  const isAfter = random.chance(0.2);
  const writeAt = isAfter ? 1 : 0;
  const deliver =
    (node: number): Step =>
    of => ({ kind: 'deliver', of: of.own[writeAt]!, to: node, round: 'last' });
  const commit =
    (node: number): Step =>
    () => ({ kind: 'commit', at: node, acks: 'arrive' });
  const secondHalf: readonly Step[] = [
    of => ({ kind: 'overwrite unseen', of: of.own[writeAt]! }),
    deliver(to),
    commit(to),
    commit(at),
  ];
  const rest = [
    deliver(to),
    commit(to),
    commit(at),
    ...(random.chance(0.3) ? [deliver(third), commit(third)] : []),
    (of => ({ kind: 'fetch unseen', of: of.own[writeAt]! })) satisfies Step,
    ...secondHalf,
    ...(random.chance(0.3) ? secondHalf : []),
  ].filter(() => !random.chance(0.05));
  const seeing = random.pick(nodes);
  const reading: readonly Step[] = isAfter ? [() => ({ kind: 'read', from: [seeing], strict: false })] : [];
  return { steps: [...reading, drawWrite(random, { at, isAfter }), ...rest, ...drawLook(random)], writeAt };
}

function drawWrite(random: SeededRandom, { at, isAfter }: { at: number; isAfter: boolean }): Step {
  const kind = random.chance(0.25) ? 'delete' : 'put';
  if (isAfter) return ({ own }) => ({ kind, at, how: 'after', of: own[0]! });
  const dice = random.fraction();
  if (dice < 0.1) return ({ other }) => ({ kind: 'retry', at, of: other });
  if (dice < 0.25) return () => ({ kind: 'put', at, how: 'blind' });
  return () => ({ kind, at, how: 'overwrite' });
}

function drawLook(random: SeededRandom): readonly Step[] {
  const from = random.pick([
    [0, 1],
    [1, 2],
    [0, 2],
  ]);
  return random.chance(0.3) ? [() => ({ kind: 'read', from, strict: true })] : [];
}
