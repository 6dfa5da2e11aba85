/**
 * How many nodes the cluster has whose data a folder of `shoal cluster` holds. It is asked of their cluster
 * files, not of the names of their folders: a node that was wiped belongs to its cluster all the same.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readClusterContent } from '../membership/cluster-file.ts';
import { DiskFile } from '../storage/durable-file.ts';

const NODE = /^n\d+$/;

/**
 * Undefined when no cluster was founded there, or no file of one can be read: the nodes themselves say what
 * is wrong then.
 */
export async function nodesHeld(folder: string): Promise<number | undefined> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter(each => NODE.test(each)).toSorted()) {
    const members = await ringSize(join(folder, name, 'cluster.json')).catch(() => undefined);
    if (members !== undefined) return members;
  }
  return undefined;
}

async function ringSize(path: string): Promise<number | undefined> {
  const held = await new DiskFile(path).read();
  return readClusterContent(held?.content)?.cluster?.ring.members.length;
}
