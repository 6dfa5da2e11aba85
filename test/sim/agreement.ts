/**
 * Waits until anti-entropy has brought the owners in the core together (DESIGN §7): every node is asked for a
 * round, and every pair of them must say in time that the two agree. Nobody reads meanwhile, so nothing else
 * does it. Whether they are right, and what they agree on, is the oracles' to say.
 *
 * A node that waits for an outcast before it has all of a partition agrees with nobody on all: there it is
 * looked at the disks of those that compare (DESIGN §6, *Recovering*).
 */
import type { SimCluster } from './cluster.ts';
import { Violation } from './oracle.ts';
import type { View } from './view.ts';

export interface AgreementParts {
  readonly cluster: SimCluster;
  readonly pass: (ms: number) => Promise<unknown>;
}

/** Some rounds of a second or two, and some more for what a round could not get done. */
const AGREEING_MS_MAX = 30_000;
const LOOK_MS = 100;

interface Apart {
  readonly key?: string;
  readonly what: string;
}

/** Rejects with Violation L1. */
export async function agreeAll({ cluster, pass }: AgreementParts): Promise<void> {
  const asked = new Map(cluster.core.map(name => [name, cluster.running(name)!.repairs.repairNow().asked]));
  const end = cluster.now + AGREEING_MS_MAX;
  for (let apart = firstApart(cluster, asked); apart !== undefined; apart = firstApart(cluster, asked)) {
    if (cluster.now >= end) throw new Violation('L1', `not brought together in time: ${apart.what}`, apart);
    await pass(LOOK_MS);
  }
}

/** @param asked by node: the number of its round */
function firstApart(cluster: SimCluster, asked: ReadonlyMap<string, number>): Apart | undefined {
  const { core } = cluster;
  const isFilling = core.some(name => fillsSome(cluster, name));
  for (const [name, number] of asked) {
    for (const { node: other, agreedFor } of cluster.running(name)!.overview.status().repair.with) {
      if (!core.includes(other) || agreedFor >= number) continue;
      if (!fillsSome(cluster, name) && !fillsSome(cluster, other))
        return { what: `${name} has not agreed with ${other}` };
    }
  }
  const key = isFilling ? cluster.keys.find(each => !areTogether(each, cluster)) : undefined;
  return key === undefined ? undefined : { key, what: `owners of ${key} differ` };
}

function fillsSome(cluster: SimCluster, name: string): boolean {
  return cluster.running(name)!.overview.status().recoveringPartitions > 0;
}

/** Those owners of a key in the core that compare it: what they hold is the same when nobody asks any more. */
export function comparingOwners(key: string, view: View): readonly string[] {
  return view.primaries(key).filter(node => view.core.includes(node) && !view.isFilling(node, key));
}

function areTogether(key: string, cluster: SimCluster): boolean {
  const digests = comparingOwners(key, cluster).map(node => {
    const row = cluster.row(node, key);
    return row === undefined || row === 'damaged' ? row : Buffer.from(row.sealed.digest).toString('hex');
  });
  return new Set(digests).size <= 1;
}
