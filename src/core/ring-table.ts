/**
 * Which nodes hold which partition, and in which order (DESIGN §5): the two questions of the ring's table, each asked as a
 * flow (src/core/min-cost-flow.ts). One unit of flow is one copy of a partition at one node; a node that did not hold it before costs 1.
 *
 *     source ── partition ── zone of it ── node ── sink
 *
 * What must hold is a capacity: copies of a partition, one of it per node, zones, fair shares. What should hold, that data stays
 * where it is, is the cost; so no table of these properties moves less. There always is one: giving each node the same fraction of
 * each partition is a flow, and where fractions flow, whole numbers do.
 */
import { assert } from '../base/assert.ts';
import { type Arc, Network } from './min-cost-flow.ts';
import { lot, lotSeed } from './ring-lots.ts';
import { type FairShares, fairShares, type Places, type Share, type Weighted } from './ring-shares.ts';

export interface Holder extends Weighted {
  readonly name: string;
}

/** For each partition indexes of nodes. */
export type Table = readonly (readonly number[])[];

/**
 * The nodes of each partition, ascending.
 * @param before the table so far; empty at birth
 */
export function chooseHolders(
  nodes: readonly Holder[],
  { partitions, copies }: Places,
  before: Table,
): Table {
  const network = new Network();
  const shares = fairShares(nodes, { partitions, copies });
  const drains = drainsOf(network, shares.nodes);
  const seeds = nodes.map(node => lotSeed(node.name));
  const rows: Arc[][] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const spots = spotsOf(network, shares.zones, copies);
    const arcs: Arc[] = [];
    for (const node of byLot(seeds, partition)) {
      arcs[node] = network.arc({
        from: spots.get(nodes[node]!.zone)!,
        to: drains[node]!.vertex,
        capacity: 1,
        cost: before[partition]?.includes(node) ? 0 : 1,
      });
    }
    rows.push(arcs);
  }
  assert(fillEvenly(network, drains) === partitions * copies, 'every copy of every partition has a node');
  return rows.map(arcs => arcs.flatMap((arc, node) => (network.flow(arc) === 1 ? [node] : [])));
}

/**
 * The vertices from which one partition flows into its zones. Each zone is sent what every partition has there, and the rest of
 * the copies choose among the zones that are due more: so copies are spread over zones as evenly as the zones' shares.
 */
function spotsOf(network: Network, zones: FairShares['zones'], copies: number): ReadonlyMap<string, number> {
  const spots = new Map([...zones.keys()].map(zone => [zone, network.vertex()]));
  const choosing = network.vertex();
  let free = copies;
  for (const [zone, { floor, ceiling }] of zones) {
    free -= floor;
    network.arc({ from: Network.source, to: spots.get(zone)!, capacity: floor });
    network.arc({ from: choosing, to: spots.get(zone)!, capacity: ceiling - floor });
  }
  network.arc({ from: Network.source, to: choosing, capacity: free });
  return spots;
}

/**
 * Each partition's holders in order, so that every node is first, second, … in its due part of the partitions it holds.
 * Place after place is dealt out, each as a flow; who had a place before keeps it if that is even.
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

/** One of the nodes of each row, every node in one `left`-th of the rows it is in, rounded up or down. */
function dealPlace(
  rows: Table,
  { before, left }: { before: readonly (number | undefined)[]; left: number },
): number[] {
  const network = new Network();
  const counts = countNodes(rows);
  const drains = drainsOf(
    network,
    counts.map(count => ({ floor: Math.floor(count / left), ceiling: Math.ceil(count / left) })),
  );
  const arcs = rows.map((row, partition) => {
    const vertex = network.vertex();
    network.arc({ from: Network.source, to: vertex, capacity: 1 });
    return row.map(node =>
      network.arc({
        from: vertex,
        to: drains[node]!.vertex,
        capacity: 1,
        cost: before[partition] === node ? 0 : 1,
      }),
    );
  });
  assert(fillEvenly(network, drains) === rows.length, 'every partition has a node in every place');
  return arcs.map((row, partition) => rows[partition]![row.findIndex(arc => network.flow(arc) === 1)]!);
}

/** Where the flow ends: a node and the places it is due. */
interface Drain {
  readonly vertex: number;
  readonly arc: Arc;
  readonly share: Share;
}

function drainsOf(network: Network, shares: readonly Share[]): readonly Drain[] {
  return shares.map(share => {
    const vertex = network.vertex();
    return { vertex, share, arc: network.arc({ from: vertex, to: Network.sink, capacity: share.floor }) };
  });
}

/** Fills every node to the integer below its share before any to the one above. */
function fillEvenly(network: Network, drains: readonly Drain[]): number {
  const first = network.fill();
  for (const { arc, share } of drains) network.widen(arc, share.ceiling - share.floor);
  return first + network.fill();
}

function byLot(seeds: readonly number[], partition: number): readonly number[] {
  const lots = seeds.map(seed => lot(seed, partition));
  return [...lots.keys()].sort((a, b) => lots[a]! - lots[b]! || a - b);
}

/** How many rows each node is in, by index. */
function countNodes(rows: Table): readonly number[] {
  const counts: number[] = [];
  for (const node of rows.flat()) counts[node] = (counts[node] ?? 0) + 1;
  return Array.from(counts, count => count ?? 0);
}
