/**
 * The end of a run: all nodes are there and nobody writes. Waits until every write has reached its owners,
 * and reads what they hold: each owner by itself, and all of them together.
 */
import { Buffer } from 'node:buffer';
import { placeKey } from '../../src/core/ring/placement.ts';
import { type Calls, textsOf } from '../processes/support/calls.ts';
import type { LiveCluster } from '../processes/support/nodes.ts';
import { until } from '../processes/support/until.ts';
import { nameOf } from './deck.ts';
import type { Found, OwnersView } from './judge.ts';

export const BUCKET = 'chaos';
const AT_ONCE = 32;

/**
 * Waits until no node owes another anything: nothing has been read since, so it is handoff alone that brings
 * the owners together.
 */
export async function handedOff({ nodes }: LiveCluster): Promise<void> {
  for (const { spec, calls } of nodes) {
    await until(`${spec.name} has handed off all that it keeps for others`, async () => {
      const { hints, foreignRecords } = await calls.status();
      if (hints === 0 && foreignRecords === 0) return true;
      throw new Error(`${hints} hints, ${foreignRecords} foreign records`);
    });
  }
}

/** The owners of each key, in order of preference. */
export async function ownersOf(
  cluster: LiveCluster,
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const byPartition = new Map<number, readonly string[]>();
  const [first] = cluster.nodes;
  await each(keys, async key => {
    const { partition } = placeKey({ bucket: BUCKET, key });
    if (byPartition.has(partition)) return;
    byPartition.set(partition, []);
    const { primaries } = await first!.calls.locate({ bucket: BUCKET, key });
    byPartition.set(
      partition,
      primaries.map(({ name }) => name),
    );
  });
  return new Map(keys.map(key => [key, byPartition.get(placeKey({ bucket: BUCKET, key }).partition)!]));
}

/** What is there. The owners are asked alone first: a read of several mends what it sees. */
export async function findAll(
  cluster: LiveCluster,
  owners: ReadonlyMap<string, readonly string[]>,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  await each([...owners], async ([key, names]) => {
    const place = { bucket: BUCKET, key, strict: true };
    const alone = () =>
      Promise.all(names.map(node => viewOf(node, cluster.calls(node).get({ ...place, r: 1 }))));
    const owners = await alone();
    const together = await cluster.calls(names[0]!).get({ ...place, r: 3 });
    const values = textsOf(together).map(nameOf);
    found.push({ key, values, owners, mended: await alone() });
  });
  return found;
}

async function viewOf(node: string, reading: ReturnType<Calls['get']>): Promise<OwnersView> {
  const reply = await reading;
  return { node, values: textsOf(reply).map(nameOf), context: hex(reply.context) };
}

export function addressesOf({ nodes }: LiveCluster): readonly string[] {
  return nodes.map(({ spec }) => spec.listen);
}

async function each<T>(items: readonly T[], act: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of rest) await act(item);
    }),
  );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
