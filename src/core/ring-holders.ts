/**
 * Which nodes hold which partition (DESIGN §5), asked as a flow (src/core/min-cost-flow.ts). One unit of it is one copy of a
 * partition at one node, and costs 1 if the node has not held that partition before.
 *
 *     source ── partition ── a zone of it ── node ── sink
 *
 * What must be so is a capacity: so many copies of a partition, one of it at a node, zones, fair shares. What should be so, that data
 * stays where it is, is the cost; so no table with these properties moves less. There always is such a table: every node taking
 * the same fraction of every partition is a flow, and where fractions flow whole numbers do.
 */
import { assert } from '../base/assert.ts';
import { type Arc, Network } from './min-cost-flow.ts';
import { drainsOf, fillEvenly } from './ring-drains.ts';
import { Lots } from './ring-lots.ts';
import { fairShares, type Places, type Share, type Weighted } from './ring-shares.ts';

export interface Holder extends Weighted {
  readonly name: string;
}

/** For each partition indexes of nodes. */
export type Table = readonly (readonly number[])[];

/**
 * The nodes of each partition, ascending.
 * @param before the table so far; empty at birth
 */
export function chooseHolders(nodes: readonly Holder[], places: Places, before: Table): Table {
  const network = new Network();
  const shares = fairShares(nodes, places);
  const drains = drainsOf(network, shares.nodes);
  const nodeLots = new Lots(nodes.map(node => node.name));
  const zoneLots = new Lots([...shares.zones.keys()]);
  const zones = [...shares.zones];
  const rows = Array.from({ length: places.partitions }, (_, partition) => {
    const order = zoneLots.order(partition).map(zone => zones[zone]!);
    const spots = spotsOf(network, order, places.copies);
    const arcs: Arc[] = [];
    for (const node of nodeLots.order(partition)) {
      const spot = spots.get(nodes[node]!.zone)!;
      const cost = before[partition]?.includes(node) ? 0 : 1;
      arcs[node] = network.arc({ from: spot, to: drains[node]!.vertex, capacity: 1, cost });
    }
    return arcs;
  });
  const placed = fillEvenly(network, drains);
  assert(placed === places.partitions * places.copies, 'every copy of every partition has a node');
  return rows.map(arcs => arcs.flatMap((arc, node) => (network.flow(arc) === 1 ? [node] : [])));
}

/**
 * The vertices from which one partition flows into its zones. Each zone is sent what every partition has there, and the rest of
 * the copies choose among the zones that are due more: so copies are spread over zones as evenly as the zones' shares.
 */
function spotsOf(
  network: Network,
  zones: readonly (readonly [string, Share])[],
  copies: number,
): ReadonlyMap<string, number> {
  const spots = new Map(zones.map(([zone]) => [zone, network.vertex()]));
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
