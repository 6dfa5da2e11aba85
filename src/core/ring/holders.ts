/**
 * Which nodes hold which partition (DESIGN §5), asked as a flow (src/core/ring/min-cost-flow.ts). One unit of
 * it is one copy of a partition at one node, and costs something if the node has not held that partition
 * before.
 *
 *     source ── partition ── a zone of it ── node ── sink
 *
 * What must be so is a capacity: so many copies of a partition, one of it at a node, zones, fair shares. What
 * should be so, that data stays where it is, is the cost; so no table with these properties moves less. There
 * always is such a table: every node taking the same fraction of every partition is a flow, and where
 * fractions flow whole numbers do.
 */
import { assert } from '../../base/assert.ts';
import { drainsOf, fillEvenly } from './drains.ts';
import { Lots } from './lots.ts';
import { type Arc, Network } from './min-cost-flow.ts';
import { fairShares, type Places, type Share, type Weighted } from './shares.ts';

export interface Holder extends Weighted {
  readonly name: string;
}

type ZoneShare = readonly [zone: string, copies: Share];

/**
 * A move outweighs all unevenness there can be: 65 536 partitions, 7 copies of each, 2 for a copy too many in
 * its zone.
 */
const MOVE_COST = 2 ** 20;
const UNEVEN_COST = 1;

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
  const nodeLots = new Lots(
    'table',
    nodes.map(node => node.name),
  );
  const zoneLots = new Lots('table', [...shares.zones.keys()]);
  const zones = [...shares.zones];
  const rows = Array.from({ length: places.partitions }, (_, partition) => {
    const order = zoneLots.order(partition).map(zone => zones[zone]!);
    const spots = spotsOf(network, order, places.copies);
    const arcs: Arc[] = [];
    for (const node of nodeLots.order(partition)) {
      const spot = spots.get(nodes[node]!.zone)!;
      const cost = before[partition]?.includes(node) ? 0 : MOVE_COST;
      arcs[node] = network.arc({ from: spot, to: drains[node]!.vertex, capacity: 1, cost });
    }
    return arcs;
  });
  const placed = fillEvenly(network, drains);
  assert(placed === places.partitions * places.copies, 'every copy of every partition has a node');
  return rows.map(arcs => arcs.flatMap((arc, node) => (network.flow(arc) === 1 ? [node] : [])));
}

/**
 * The vertices from which one partition flows into its zones. With zones enough, each takes one copy at most;
 * with fewer zones than copies, each is sent one, and the rest choose. Where nothing else is lost by it, they
 * choose so that a zone has the integer below or above its share: five copies in two zones lie as three and
 * two, not as four and one.
 */
function spotsOf(network: Network, zones: readonly ZoneShare[], copies: number): ReadonlyMap<string, number> {
  const scarce = zones.length < copies;
  const [least, most] = scarce ? [1, copies] : [0, 1];
  const spots = new Map(zones.map(([zone]) => [zone, network.vertex()]));
  const choosing = network.vertex();
  network.arc({ from: Network.source, to: choosing, capacity: copies - least * zones.length });
  for (const [zone, { floor, ceiling }] of zones) {
    const spot = spots.get(zone)!;
    network.arc({ from: Network.source, to: spot, capacity: least });
    network.arc({ from: choosing, to: spot, capacity: floor - least });
    network.arc({ from: choosing, to: spot, capacity: ceiling - floor, cost: UNEVEN_COST });
    network.arc({ from: choosing, to: spot, capacity: most - ceiling, cost: 2 * UNEVEN_COST });
  }
  return spots;
}
