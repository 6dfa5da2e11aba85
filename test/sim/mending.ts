/**
 * Has every node of the core find the damage on its own disk, as its scrub would within some minutes
 * (src/repair/scrubber): what has rotted and nobody reads differs from nobody's sums. Waits until no row is
 * damaged any more that another node of the core could mend (I12; TRAPS A4).
 */
import { passOnBugs } from '../../src/base/assert.ts';
import type { SimCluster } from './cluster.ts';
import { Violation } from './oracle.ts';

/** A row that could not be mended is left alone for ten seconds (src/repair/heal.ts). */
const MENDING_MS_MAX = 15_000;
const AGAIN_MS = 500;

interface Damaged {
  readonly node: string;
  readonly key: string;
}

/** Rejects with Violation I12. */
export async function mendAll(cluster: SimCluster, pass: (ms: number) => Promise<unknown>): Promise<void> {
  const end = cluster.now + MENDING_MS_MAX;
  for (let [first, ...others] = mendable(cluster); first; [first, ...others] = mendable(cluster)) {
    const { node, key } = first;
    if (cluster.now >= end)
      throw new Violation('I12', `${node} still has a damaged row, which others hold`, { key });
    for (const damaged of [first, ...others]) find(damaged, cluster).catch(passOnBugs);
    await pass(AGAIN_MS);
  }
}

/** As any reader does: it is told that the row is lost here, and the node sees to it. */
async function find({ node, key }: Damaged, cluster: SimCluster): Promise<void> {
  const request = { place: cluster.place(key), digestOnly: true };
  const call = { deadline: Number.POSITIVE_INFINITY, cancelled: false };
  await cluster.running(node)!.local.read(request, call);
}

function mendable(cluster: SimCluster): readonly Damaged[] {
  return cluster.keys.flatMap(key => {
    const owners = cluster.primaries(key).filter(node => cluster.core.includes(node));
    const rows = owners.map(node => ({ node, key, row: cluster.row(node, key) }));
    const isHeld = rows.some(({ row }) => row !== undefined && row !== 'damaged');
    return isHeld ? rows.filter(({ row }) => row === 'damaged') : [];
  });
}
