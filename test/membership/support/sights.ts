/** How the nodes of a town see each other, and how often one of them has changed its mind. */
import type { Process, Town } from './town.ts';

const LOOK_EVERY_MS = 50;

/** How each of these takes a member, as `n1: down`; the member itself is not asked. */
export function takenFor(name: string, by: readonly Process[]): readonly string[] {
  return by.filter(node => node.name !== name).map(node => `${node.name}: ${node.takes(name)}`);
}

export function eachTakes(name: string, by: readonly Process[], state: string): boolean {
  return by.every(node => node.name === name || node.takes(name) === state);
}

/** How often each has called somebody down so far, in their order. */
export function downsBy(nodes: readonly Process[]): readonly number[] {
  return nodes.map(node => node.counted('member.down'));
}

/** Lets time pass; gives back how often each sight of a member has changed, and none that never has. */
export async function changesIn(
  town: Town,
  { nodes, ms }: { nodes: readonly Process[]; ms: number },
): Promise<ReadonlyMap<string, number>> {
  const changes = new Map<string, number>();
  let before = sightsOf(nodes);
  for (let passed = 0; passed < ms; passed += LOOK_EVERY_MS) {
    await town.clock.pass(LOOK_EVERY_MS);
    const now = sightsOf(nodes);
    for (const [sight, seen] of now)
      if (before.get(sight) !== seen) changes.set(sight, (changes.get(sight) ?? 0) + 1);
    before = now;
  }
  return changes;
}

/** By `n1 of n2`: whether it is up, as it says itself. */
function sightsOf(nodes: readonly Process[]): ReadonlyMap<string, boolean> {
  return new Map(
    nodes.flatMap(node =>
      node.status.members.map(({ name, up }) => [`${node.name} of ${name}`, up] as const),
    ),
  );
}
