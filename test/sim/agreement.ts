/**
 * Waits until anti-entropy has brought the owners in the core together (DESIGN §7): one node after the other
 * is asked for a round, and must say in time that it and each of the others agree. Nobody reads meanwhile, so
 * nothing else does it. Whether they are right, and what they agree on, is the oracles' to say.
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

/**
 * A round of a second and one that finds nothing left, and a node that was left alone just before, for two
 * seconds at the most. The next round comes by itself only later (src/repair/anti-entropy): whoever needs
 * that has not mended both ways.
 */
const AGREEING_MS_MAX = 5_000;
const LOOK_MS = 100;

interface Apart {
  readonly key?: string;
  readonly what: string;
}

/** Rejects with Violation L1. */
export async function agreeAll({ cluster, pass }: AgreementParts): Promise<void> {
  const wait = async (apart: () => Apart | undefined) => {
    const end = cluster.now + AGREEING_MS_MAX;
    for (let found = apart(); found !== undefined; found = apart()) {
      if (cluster.now >= end) throw new Violation('L1', `not brought together in time: ${found.what}`, found);
      await pass(LOOK_MS);
    }
  };
  for (const name of cluster.core) {
    const { asked } = cluster.running(name)!.repairs.repairNow();
    await wait(() => firstAtOdds(cluster, { name, asked }));
  }
  if (cluster.core.some(name => fillsSome(cluster, name))) await wait(() => firstApart(cluster));
  cluster.world.trace.note(cluster.now, { about: 'node', text: 'the core agrees' });
}

/** Another node of the core with which this one has not agreed since that round was asked for, and should. */
function firstAtOdds(
  cluster: SimCluster,
  { name, asked }: { readonly name: string; readonly asked: number },
): Apart | undefined {
  if (fillsSome(cluster, name)) return undefined;
  const other = cluster
    .running(name)!
    .overview.status()
    .repair.with.filter(({ node }) => cluster.core.includes(node) && !fillsSome(cluster, node))
    .find(({ agreedFor }) => agreedFor < asked);
  return other && { what: `${name} has not agreed with ${other.node}` };
}

function firstApart(cluster: SimCluster): Apart | undefined {
  const key = cluster.keys.find(each => !areTogether(each, cluster));
  return key === undefined ? undefined : { key, what: `owners of ${key} differ` };
}

function fillsSome(cluster: SimCluster, name: string): boolean {
  return cluster.running(name)!.overview.status().recoveringPartitions > 0;
}

/** Those owners of a key in the core that compare it: what they hold is the same in the end. */
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
