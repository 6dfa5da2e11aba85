/**
 * In which order the nodes of each partition come (DESIGN §5), so that every node is first, second, … in its
 * due part of the partitions it holds. A node that is first coordinates most of the partition's requests.
 * Changing the order moves no data.
 */
import { assert } from '../../base/assert.ts';
import { drainsOf, fillEvenly } from './drains.ts';
import type { Table } from './holders.ts';
import { Network } from './min-cost-flow.ts';
import type { Share } from './shares.ts';

/**
 * Place after place is dealt out, each as a flow. Who had a place before keeps it if that is even.
 * @param before the table so far; empty at birth
 */
export function orderHolders(holders: Table, before: Table): Table {
  const copies = holders[0]!.length;
  const ordered: number[][] = holders.map(() => []);
  let rest = holders;
  for (let place = 0; place < copies; place++) {
    const dealt = dealPlace(rest, { before: before.map(row => row[place]), left: copies - place });
    for (const [partition, node] of dealt.entries()) ordered[partition]!.push(node);
    rest = rest.map((row, partition) => row.filter(node => node !== dealt[partition]));
  }
  return ordered;
}

interface Deal {
  /** Who had this place of each partition. */
  readonly before: readonly (number | undefined)[];
  /** How many places are left to deal, this one included. */
  readonly left: number;
}

/** One of the nodes of each row: each node from one `left`-th of its rows, rounded up or down. */
function dealPlace(rows: Table, { before, left }: Deal): readonly number[] {
  const network = new Network();
  const drains = drainsOf(network, sharesOf(rows, left));
  const arcs = rows.map((row, partition) => {
    const vertex = network.vertex();
    network.arc({ from: Network.source, to: vertex, capacity: 1 });
    return row.map(node => {
      const cost = before[partition] === node ? 0 : 1;
      return network.arc({ from: vertex, to: drains[node]!.vertex, capacity: 1, cost });
    });
  });
  const dealt = fillEvenly(network, drains);
  assert(dealt === rows.length, 'every partition has a node in every place');
  return arcs.map((row, partition) => rows[partition]![row.findIndex(arc => network.flow(arc) === 1)]!);
}

/** One `left`-th of the rows each node is in, by index. */
function sharesOf(rows: Table, left: number): readonly Share[] {
  const counts: number[] = [];
  for (const node of rows.flat()) counts[node] = (counts[node] ?? 0) + 1;
  return Array.from(counts, (count = 0) => ({
    floor: Math.floor(count / left),
    ceiling: Math.ceil(count / left),
  }));
}
