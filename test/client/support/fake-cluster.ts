/**
 * Fake nodes over one set of keys and a client that asks them in the order given, all gone when the test is
 * over.
 */
import { onTestFinished } from 'vitest';
import type { Transport } from '../../../src/client/checks.ts';
import { type Client, openClient } from '../../../src/client/client.ts';
import { SYSTEM } from '../../../src/client/surroundings.ts';
import { FakeKv } from './fake-kv.ts';
import { FakeNode } from './fake-node.ts';

export async function fakeNodes(count: number): Promise<FakeNode[]> {
  const kv = new FakeKv();
  const nodes = Array.from({ length: count }, () => new FakeNode(kv));
  for (const node of nodes) {
    await node.start();
    onTestFinished(() => node.stop());
  }
  return nodes;
}

export interface ClientOptions {
  readonly deadlineMs?: number | undefined;
  readonly transport?: Transport | undefined;
}

/** Unlike `connect`, which shuffles: a test has to know who is asked first. */
export function clientOf(
  nodes: readonly FakeNode[],
  { deadlineMs = 5000, transport = 'pipeline' }: ClientOptions = {},
): Client {
  const addresses = nodes.map(node => node.address);
  const client = openClient(addresses, { deadlineMs, transport, surroundings: SYSTEM });
  onTestFinished(() => client.close());
  return client;
}
