/**
 * Nodes are killed at random moments, one, or all at once, also while they start, under writers that go on:
 * whatever was acknowledged is there in the end (I4), and what each leaves behind on its disk is sound: sums
 * and index are what the rows say (I7). A call may fail here: a node that has just come back is not yet known
 * to be back when the next one is killed. SEED=… repeats a run as far as processes can be repeated; KILLS=…
 * makes it longer.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { ShoalError } from 'shoal';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { LevelStore } from '../../src/storage/level-store.ts';
import { unsound } from '../support/sound-store.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { clientOf } from './support/clients.ts';
import { liveCluster } from './support/live-cluster.ts';
import type { LiveNode } from './support/live-node.ts';
import { Load } from './support/load.ts';
import { until } from './support/until.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const KILLS = Number(process.env.KILLS ?? 6);

/** Started, and in some cases killed once more as soon as it has said its first word, then started again. */
async function comeBack(node: LiveNode, random: SeededRandom): Promise<void> {
  while (random.chance(0.3)) {
    node.launch();
    await until(`${node.spec.name} says something`, async () => node.said('new incarnation').length > 0);
    await node.kill();
  }
  await node.start();
}

/** Of a copy: a store that was opened is not what the killed process left. */
async function unsoundOf({ spec }: LiveNode): Promise<readonly string[]> {
  return await withTempDir(async folder => {
    await cp(join(spec.data, 'store'), folder, { recursive: true });
    const store = await LevelStore.open({ path: folder, durability: 'os', create: false });
    try {
      return await unsound(store);
    } finally {
      await store.close();
    }
  });
}

test(`kill -9 at any moment loses nothing acknowledged (SEED=${SEED})`, async () => {
  const random = new SeededRandom(SEED);
  const cluster = await liveCluster();
  const load = new Load();
  load.start(Array.from({ length: 2 }, () => clientOf(...cluster.nodes)));
  for (let kill = 0; kill < KILLS; kill += 1) {
    await load.acknowledge(1 + random.below(60));
    const victims = kill % 3 === 2 ? cluster.nodes : [random.pick(cluster.nodes)];
    await Promise.all(victims.map(node => node.kill()));
    for (const node of victims) expect(await unsoundOf(node)).toEqual([]);
    if (victims.length === 1) await load.acknowledge(random.below(60));
    await Promise.all(victims.map(node => comeBack(node, random)));
  }
  await load.stop();
  for (const failure of load.failures) expect(failure).toBeInstanceOf(ShoalError);
  for (const node of cluster.nodes) await load.check(clientOf(node));
  await load.check(clientOf(cluster.nodes[0]!), { r: 3, strict: true });
  expect(load.wrong).toEqual([]);
});
