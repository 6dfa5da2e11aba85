/** Fake nodes over one set of keys and a client that asks them in the order given, all gone when the test is over. */
import { onTestFinished } from 'vitest';
import { Caller } from '../../../src/client/caller.ts';
import { openChannel } from '../../../src/client/channel.ts';
import { Client } from '../../../src/client/client.ts';
import { SYSTEM } from '../../../src/client/surroundings.ts';
import { loadProtos } from '../../../src/wire/protos.ts';
import { FakeKv } from './fake-kv.ts';
import { FakeNode } from './fake-node.ts';

const protos = loadProtos();

export async function fakeNodes(count: number): Promise<FakeNode[]> {
  const kv = new FakeKv();
  const nodes = Array.from({ length: count }, () => new FakeNode(kv));
  for (const node of nodes) {
    await node.start();
    onTestFinished(() => node.stop());
  }
  return nodes;
}

/** Unlike `connect`, which shuffles: a test has to know who is asked first. */
export function clientOf(nodes: readonly FakeNode[], deadlineMs = 5000): Client {
  const channels = nodes.map(node => openChannel(node.address, { protos, surroundings: SYSTEM }));
  const caller = new Caller(channels, SYSTEM);
  const client = new Client({ caller, protos, surroundings: SYSTEM, deadlineMs });
  onTestFinished(() => client.close());
  return client;
}
