/** What the faults between machines do. */
import type { SimCluster } from '../cluster.ts';
import type { Way } from '../plan.ts';
import type { Deeds } from './site.ts';

export const NETWORK_FAULTS: Deeds<'cut' | 'owners cut' | 'clog' | 'bad weather'> = {
  cut: (fault, site) => {
    site.reached(`cut: ${fault.shape}`);
    return site.lasting(fault, site.cluster.network.cut(fault.ways));
  },
  'owners cut': (fault, site) => {
    const ways = waysAround(fault.key, site.cluster);
    return ways.length > 0 && site.lasting(fault, site.cluster.network.cut(ways));
  },
  clog: (fault, site) => site.lasting(fault, site.cluster.network.clog(fault.ways)),
  'bad weather': (fault, site) => site.lasting(fault, site.cluster.network.weather(fault)),
};

/**
 * Between the owners of this key and all other nodes; none before the ring is born, or when all are owners.
 */
function waysAround(key: string, cluster: SimCluster): readonly Way[] {
  const owners = cluster.primaries(key);
  const others = cluster.nodes.filter(name => !owners.includes(name));
  return owners.flatMap(owner =>
    others.flatMap(other => [
      { from: owner, to: other },
      { from: other, to: owner },
    ]),
  );
}
