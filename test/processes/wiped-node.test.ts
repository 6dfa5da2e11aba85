/**
 * A node that lost its disk comes back under its old name: the same member, recovering (I5). It takes writes,
 * but its word counts in no strict read until it has merged every partition with every other owner; then it
 * has everything.
 */
import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { clientOf } from './support/clients.ts';
import { liveCluster } from './support/live-cluster.ts';
import { until } from './support/until.ts';

const KEYS = Array.from({ length: 100 }, (_, index) => `key-${index}`);

test('a wiped node is recovering while an owner is missing, and complete once all were there', async () => {
  const cluster = await liveCluster();
  const [first, absent, wiped] = cluster.nodes;
  const bucket = clientOf(...cluster.nodes).bucket('b');
  await Promise.all(KEYS.map(key => bucket.put(key, key)));
  const { clusterId } = await first!.calls.status();
  await absent!.kill();
  await wiped!.kill();
  await rm(wiped!.spec.data, { recursive: true });
  await wiped!.start();

  const status = await until('it has merged with the owner that is there', async () => {
    const now = await wiped!.calls.status();
    return Number(now.counters['recovering.records'] ?? 0) > 0 && now;
  });
  expect(status).toMatchObject({ node: 'n3', state: 'serving', clusterId, recoveringPartitions: 256 });
  const itself = clientOf(wiped!).bucket('b');
  await until('it is heard again', async () => (await first!.calls.status()).members[2]?.up);
  for (const key of KEYS) {
    const strictly = first!.calls.get({ bucket: 'b', key, strict: true });
    await expect(strictly).rejects.toMatchObject({ reason: 'QUORUM_UNREACHABLE' });
  }
  expect((await itself.get(KEYS[0]!)).value).toBe(KEYS[0]);
  await itself.put('meanwhile', 'v');

  await absent!.start();
  await until('it has recovered', async () => (await wiped!.calls.status()).recoveringPartitions === 0);
  await Promise.all([first!.kill(), absent!.kill()]);
  const shown = await Promise.all([...KEYS, 'meanwhile'].map(key => itself.get(key, { r: 1, strict: true })));
  expect(shown.map(({ value }) => value)).toEqual([...KEYS, 'v']);
});
