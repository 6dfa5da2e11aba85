/**
 * How much of the ring's table each node and zone is due: in proportion to weight, as far as a node can hold
 * a partition only once and zones come first (DESIGN §5). What a node or a zone cannot take, the others take
 * more of; what a zone must hold beyond its weight, they take less of. Exact: products and sums are integers
 * far below 2^53, so each quotient lies on its own side of every integer, on every machine. Two nodes that
 * rounded a share differently would make two rings.
 */

export interface Weighted {
  readonly zone: string;
  readonly weight: number;
}

export interface Places {
  /** Q; also the most places a node can fill. */
  readonly partitions: number;
  /** How many nodes hold a partition, at most as many as there are. */
  readonly copies: number;
}

/** The integers next to a fair share; one and the same when it is an integer. */
export interface Share {
  readonly floor: number;
  readonly ceiling: number;
}

export interface FairShares {
  /** How many partitions each node holds, in the order in which the nodes were given. */
  readonly nodes: readonly Share[];
  /** How many copies of each partition a zone holds, in the order in which zones were met. */
  readonly zones: ReadonlyMap<string, Share>;
}

/**
 * Water in vessels of unequal width: a node of weight w is due w × places / weight, at most its brim of Q.
 */
interface Level {
  readonly places: number;
  readonly weight: number;
}

type Zones = ReadonlyMap<string, readonly Weighted[]>;

export function fairShares(nodes: readonly Weighted[], places: Places): FairShares {
  const zones = byZone(nodes);
  const levels = levelsOf(zones, places);
  const brim = places.partitions;
  return {
    nodes: nodes.map(node => around(due([node], { level: levels.get(node.zone)!, brim }))),
    zones: new Map(
      [...zones].map(([name, zone]) => [name, around(due(zone, { level: levels.get(name)!, brim }) / brim)]),
    ),
  };
}

/**
 * The level in each zone.
 *
 * With as many zones as copies or more, a partition is in each zone at most once, so that no zone has more
 * than Q places; with fewer, it is in each at least once, so that none has less. A zone beyond its bound is
 * given exactly Q places to share, and the other zones share the rest. That drives them further towards the
 * same bound, never back, so what is settled stays settled.
 */
function levelsOf(zones: Zones, { partitions, copies }: Places): ReadonlyMap<string, Level> {
  const settled = new Map<string, Level>();
  for (;;) {
    const open = [...zones].filter(([name]) => !settled.has(name));
    const places = partitions * (copies - settled.size);
    const level = fill(
      open.flatMap(([, zone]) => zone),
      { places, brim: partitions },
    );
    const beyond = open.filter(([, zone]) => {
      const copiesDue = due(zone, { level, brim: partitions }) / partitions;
      return zones.size < copies ? copiesDue < 1 : copiesDue > 1;
    });
    for (const [name, zone] of beyond)
      settled.set(name, fill(zone, { places: partitions, brim: partitions }));
    if (beyond.length === 0) return new Map([...open.map(([name]) => [name, level] as const), ...settled]);
  }
}

/** The level at which these nodes together are due `places`. */
function fill(nodes: readonly Weighted[], { places, brim }: { places: number; brim: number }): Level {
  const weight = nodes.reduce((sum, node) => sum + node.weight, 0);
  const full = nodes.filter(node => node.weight * places > brim * weight);
  if (full.length === 0) return { places, weight };
  const rest = nodes.filter(node => !full.includes(node));
  return fill(rest, { places: places - brim * full.length, brim });
}

/** What these nodes together are due at a level. */
function due(nodes: readonly Weighted[], { level, brim }: { level: Level; brim: number }): number {
  const parts = nodes.map(node => Math.min(node.weight * level.places, brim * level.weight));
  return parts.reduce((sum, part) => sum + part, 0) / level.weight;
}

function around(share: number): Share {
  return { floor: Math.floor(share), ceiling: Math.ceil(share) };
}

function byZone(nodes: readonly Weighted[]): Zones {
  const zones = new Map<string, Weighted[]>();
  for (const node of nodes) {
    const zone = zones.get(node.zone) ?? [];
    zones.set(node.zone, zone);
    zone.push(node);
  }
  return zones;
}
