/**
 * What a ring must be, said a second time and as plainly as possible (DESIGN §5), to hold the real one
 * against. Nothing here is shared with src/core/ring-*.ts; numbers are fractions, so comparisons of shares
 * leave a hair's breadth.
 */
import { nodeName } from '../../src/base/ids.ts';
import { Network } from '../../src/core/ring/min-cost-flow.ts';
import type { Ring, RingMember } from '../../src/core/ring/ring.ts';

const HAIR = 1e-6;

export interface Bounds {
  readonly floor: number;
  readonly ceiling: number;
}

export function member(name: string, { zone = 'here', weight = 1 } = {}): RingMember {
  return { name: nodeName(name), zone, weight };
}

export interface Dealing {
  readonly zones?: number;
  readonly weight?: (index: number) => number;
}

/** n0, n1, …, dealt to so many zones. */
export function members(count: number, { zones = 1, weight = () => 1 }: Dealing = {}): RingMember[] {
  return Array.from({ length: count }, (_, i) =>
    member(`n${i}`, { zone: `z${i % zones}`, weight: weight(i) }),
  );
}

/**
 * Each node's fair share of partitions, by name: water rises in all vessels at once until it makes up Q ×
 * copies. A node is full at Q partitions. With zones enough, a zone is full at Q too; with fewer zones than
 * copies, one that has not got Q is filled up to it.
 */
export function fairShares(
  nodes: readonly RingMember[],
  { partitions, copies }: { partitions: number; copies: number },
) {
  const zones = [...new Set(nodes.map(({ zone }) => zone))].map(zone =>
    nodes.filter(node => node.zone === zone),
  );
  const held = (node: RingMember, level: number): number => Math.min(partitions, node.weight * level);
  const sum = (zone: readonly RingMember[], level: number): number =>
    zone.reduce((all, node) => all + held(node, level), 0);
  const bounded = zones.length < copies ? Math.max : Math.min;
  const level = levelAt(partitions * copies, level =>
    zones.reduce((all, zone) => all + bounded(partitions, sum(zone, level)), 0),
  );
  const shares = new Map<string, number>();
  for (const zone of zones) {
    const inZone = levelAt(bounded(partitions, sum(zone, level)), level => sum(zone, level));
    for (const node of zone) shares.set(node.name, held(node, inZone));
  }
  return shares;
}

/** Where a growing function reaches an amount. */
function levelAt(amount: number, at: (level: number) => number): number {
  let [low, high] = [0, 1e6];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (at(middle) < amount) low = middle;
    else high = middle;
  }
  return high;
}

/** A fair share rounded down and up. */
export function bounds(share: number): Bounds {
  return { floor: Math.floor(share + HAIR), ceiling: Math.ceil(share - HAIR) };
}

export function sharesOf(ring: Ring): ReadonlyMap<string, number> {
  return fairShares(ring.members, { partitions: ring.primaries.length, copies: copiesOf(ring) });
}

export function copiesOf({ replication, members }: Ring): number {
  return Math.min(replication, members.length);
}

/** How many partitions a node is a primary of. */
export function heldBy(ring: Ring, name: string): number {
  return ring.primaries.filter(row => row.some(primary => primary === name)).length;
}

/** How many partitions name this node in this place. */
export function inPlace(ring: Ring, { name, place }: { name: string; place: number }): number {
  return ring.primaries.filter(row => row[place] === name).length;
}

/** What a ring promises and does not keep, one sentence each. */
export function brokenPromises(ring: Ring): readonly string[] {
  return [...rowFaults(ring), ...shareFaults(ring)];
}

function rowFaults(ring: Ring): readonly string[] {
  const zoneOf = new Map<string, string>(ring.members.map(({ name, zone }) => [name, zone]));
  const zones = Math.min(copiesOf(ring), new Set(zoneOf.values()).size);
  return ring.primaries.flatMap((row, partition) => {
    const faults: string[] = [];
    if (row.length !== copiesOf(ring)) faults.push(`partition ${partition} has ${row.length} copies`);
    if (new Set(row).size !== row.length) faults.push(`partition ${partition} has a node twice`);
    if (!row.every(name => zoneOf.has(name))) faults.push(`partition ${partition} has a stranger`);
    if (new Set(row.map(name => zoneOf.get(name))).size !== zones)
      faults.push(`partition ${partition} wastes a zone`);
    return faults;
  });
}

function shareFaults(ring: Ring): readonly string[] {
  const copies = copiesOf(ring);
  return [...sharesOf(ring)].flatMap(([name, share]) => {
    const held = heldBy(ring, name);
    const { floor, ceiling } = bounds(share);
    const faults = held < floor || held > ceiling ? [`${name} holds ${held}, its share is ${share}`] : [];
    for (let place = 0; place < copies; place++) {
      const count = inPlace(ring, { name, place });
      const most = Math.ceil(ceiling / copies);
      if (count > most)
        faults.push(`${name} has place ${place} of ${count} partitions, its share is ${share / copies}`);
    }
    return faults;
  });
}

/** Copies that lie at a node which did not hold that partition before. */
export function movedCopies(before: Ring, after: Ring): number {
  return after.primaries.reduce(
    (sum, row, i) => sum + row.filter(name => !before.primaries[i]!.includes(name)).length,
    0,
  );
}

/**
 * The least possible: the fewest copies at nodes that did not hold that partition before, over all tables
 * with N distinct nodes for each partition (or all there are), in as many zones as possible, and with each
 * node's fair share, rounded down or up. Found as the cost of a cheapest flow; ring-least.test.ts holds it
 * against all tables there are, where these are few.
 */
export function leastMoves(before: Ring, after: Ring): number {
  const network = new Network();
  const shares = sharesOf(after);
  const ends = after.members.map(({ name }) => {
    const vertex = network.vertex();
    const { floor, ceiling } = bounds(shares.get(name)!);
    const arc = network.arc({ from: vertex, to: Network.sink, capacity: floor });
    return { vertex, arc, more: ceiling - floor };
  });
  const moves = before.primaries.flatMap(had => {
    const spots = zoneSpots(network, after);
    return after.members.flatMap(({ name, zone }, i) => {
      const isMove = !had.includes(name);
      const arc = network.arc({
        from: spots.get(zone)!,
        to: ends[i]!.vertex,
        capacity: 1,
        cost: Number(isMove),
      });
      return isMove ? [arc] : [];
    });
  });
  network.fill();
  for (const { arc, more } of ends) network.widen(arc, more);
  network.fill();
  return moves.reduce((sum, arc) => sum + network.flow(arc), 0);
}

/**
 * One partition's way into the zones: at most one copy in each, or, with fewer zones than copies, at least
 * one.
 */
function zoneSpots(network: Network, after: Ring): ReadonlyMap<string, number> {
  const zones = [...new Set(after.members.map(({ zone }) => zone))];
  const scarce = zones.length < copiesOf(after);
  const choosing = network.vertex();
  const spots = new Map(zones.map(zone => [zone, network.vertex()]));
  for (const spot of spots.values()) {
    network.arc({ from: choosing, to: spot, capacity: scarce ? copiesOf(after) : 1 });
    network.arc({ from: Network.source, to: spot, capacity: Number(scarce) });
  }
  network.arc({
    from: Network.source,
    to: choosing,
    capacity: copiesOf(after) - (scarce ? zones.length : 0),
  });
  return spots;
}
