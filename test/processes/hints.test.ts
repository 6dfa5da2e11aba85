/** What real nodes missed while they were dead is brought to them, and stand-ins keep nothing (DESIGN §7). */
import { expect, test } from 'vitest';
import { clientOf } from './support/clients.ts';
import { type LiveCluster, liveCluster } from './support/live-cluster.ts';
import type { LiveNode } from './support/live-node.ts';
import { until } from './support/until.ts';

const KEYS = Array.from({ length: 300 }, (_, i) => `k${i}`);

async function kept(cluster: LiveCluster): Promise<{ hints: number; foreign: number; records: number[] }> {
  const told = await Promise.all(cluster.nodes.map(({ calls }) => calls.status()));
  const sum = (of: (status: (typeof told)[number]) => string | number) =>
    told.reduce((total, status) => total + Number(of(status)), 0);
  return {
    hints: sum(({ hints }) => hints),
    foreign: sum(({ foreignRecords }) => foreignRecords),
    records: told.map(({ records }) => Number(records)),
  };
}

/** Through one node; the SDK tries again what is refused until the dead are known to be. */
async function writeThrough(node: LiveNode): Promise<void> {
  const bucket = clientOf(node).bucket('b');
  await Promise.all(KEYS.map(key => bucket.put(key, `${key} is new`)));
}

test('a node that was killed has all that was written meanwhile, without any read', async () => {
  const cluster = await liveCluster();
  const [first, , third] = cluster.nodes as [LiveNode, LiveNode, LiveNode];
  await third.kill();
  await writeThrough(first);
  await third.start();
  await until('nothing is owed to anybody', async () => (await kept(cluster)).hints === 0);
  expect((await kept(cluster)).records).toEqual([KEYS.length, KEYS.length, KEYS.length]);
  const alone = clientOf(third).bucket('b');
  const shown = await Promise.all(KEYS.map(key => alone.get(key, { r: 1 })));
  expect(shown.map(({ value }) => value)).toEqual(KEYS.map(key => `${key} is new`));
});

test('of five nodes the stand-ins of two that were killed keep nothing but what they own', async () => {
  const cluster = await liveCluster({ nodes: 5 });
  const [first, , , fourth, fifth] = cluster.nodes as [LiveNode, LiveNode, LiveNode, LiveNode, LiveNode];
  await Promise.all([fourth.kill(), fifth.kill()]);
  await writeThrough(first);
  await Promise.all([fourth.start(), fifth.start()]);
  await until('all records are at their owners alone', async () => {
    const { hints, foreign, records } = await kept(cluster);
    return hints === 0 && foreign === 0 && records.reduce((a, b) => a + b) === 3 * KEYS.length;
  });
});
