/** What keeps two nodes that are up from agreeing, as far as all nodes that answered tell. Pure. */
import type { ClusterStatus } from '../../client/index.ts';

type Pair = readonly [string, string];

/** For people; undefined when nothing is told that would. */
export function hindranceOf(pair: Pair, answers: readonly ClusterStatus[]): string | undefined {
  const both = answers.filter(({ node }) => pair.includes(node));
  const failed = both.filter(({ state }) => state === 'storage-faulted').map(({ node }) => node);
  if (failed.length > 0) return `nothing is taken in at ${failed.join(' and ')}, for its DISK FAILED`;
  const filling = both.filter(({ recoveringPartitions }) => recoveringPartitions > 0);
  if (filling.length > 0) {
    const names = filling.map(({ node }) => node).join(' and ');
    return `waiting until ${names} ${filling.length === 1 ? 'has' : 'have'} recovered`;
  }
  const first = both.flatMap(status => atWork(status, pair))[0];
  return first === undefined ? undefined : `waiting until ${first.join(' and ')} are done`;
}

/** It is at something with a third, which the two leave out as long. */
function atWork({ node, repair }: ClusterStatus, pair: Pair): readonly Pair[] {
  return repair.with
    .filter(({ node: third, up, partitionsLeft }) => up && partitionsLeft > 0 && !pair.includes(third))
    .map(({ node: third }) => [node, third].sort() as [string, string]);
}
