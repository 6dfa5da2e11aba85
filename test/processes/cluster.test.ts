/** Three real nodes: that they are one store, whichever of them is asked. */
import { expect, test } from 'vitest';
import { textsOf } from './support/calls.ts';
import { liveCluster } from './support/live-cluster.ts';

const KEYS = Array.from({ length: 12 }, (_, index) => `key-${index}`);

test('every node answers for every key, whoever took it', async () => {
  const cluster = await liveCluster();
  const { nodes } = cluster;
  await Promise.all(
    KEYS.map((key, index) =>
      nodes[index % nodes.length]!.calls.put({ bucket: 'b', key, value: { text: key } }),
    ),
  );
  for (const { calls } of nodes) {
    const replies = await Promise.all(KEYS.map(key => calls.get({ bucket: 'b', key })));
    expect(replies.map(textsOf)).toEqual(KEYS.map(key => [key]));
  }
});

test('with more nodes than replicas, a node that holds nothing of a key hands the write on', async () => {
  const cluster = await liveCluster({ nodes: 5 });
  const { primaries, fallbacks } = await cluster.calls('n1').locate({ bucket: 'b', key: 'k' });
  expect(primaries).toHaveLength(3);
  await cluster.calls(fallbacks[0]!.name).put({ bucket: 'b', key: 'k', value: { text: 'v' } });
  const reply = await cluster.calls(fallbacks[1]!.name).get({ bucket: 'b', key: 'k', strict: true, r: 3 });
  expect(textsOf(reply)).toEqual(['v']);
});

test('all nodes see one ring and each other', async () => {
  const cluster = await liveCluster();
  const statuses = await Promise.all(cluster.nodes.map(({ calls }) => calls.status()));
  expect(new Set(statuses.map(({ ringDigest }) => ringDigest.toString('hex'))).size).toBe(1);
  for (const status of statuses) {
    expect(status.state).toBe('serving');
    expect(status.members.map(({ name }) => name)).toEqual(['n1', 'n2', 'n3']);
  }
});
