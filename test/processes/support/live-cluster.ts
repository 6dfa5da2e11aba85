/**
 * Real nodes on loopback for one test, with ports and data of their own; gone when it is over, however it
 * ends.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, onTestFinished } from 'vitest';
import type { Calls } from './calls.ts';
import { freeAddresses } from './free-ports.ts';
import { LiveNode } from './live-node.ts';

export interface ClusterOptions {
  /** 3 unless said otherwise; named n1 … nN. */
  readonly nodes?: number;
  /** Further arguments for every node. */
  readonly more?: readonly string[];
}

export class LiveCluster {
  readonly folder: string;
  readonly nodes: readonly LiveNode[];

  private constructor(folder: string, nodes: readonly LiveNode[]) {
    this.folder = folder;
    this.nodes = nodes;
  }

  /** Nodes that know of each other, none of them started. To be closed by whoever made it. */
  static async prepare({ nodes = 3, more = [] }: ClusterOptions = {}): Promise<LiveCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'shoal-test-'));
    const forClients = await freeAddresses(nodes);
    const forPeers = await freeAddresses(nodes);
    const specs = forClients.map((listen, index) => ({
      name: `n${index + 1}`,
      data: join(folder, `n${index + 1}`),
      listen,
      peerListen: forPeers[index]!,
      join: forPeers,
      expect: nodes,
      more,
    }));
    return new LiveCluster(
      folder,
      specs.map(spec => new LiveNode(spec)),
    );
  }

  /** Starts every node that does not run, and resolves when all serve. */
  async start(): Promise<void> {
    await Promise.all(this.nodes.map(node => node.start()));
  }

  node(name: string): LiveNode {
    const node = this.nodes.find(({ spec }) => spec.name === name);
    if (node === undefined) throw new Error(`there is no node ${name}`);
    return node;
  }

  calls(name: string): Calls {
    return this.node(name).calls;
  }

  /** What every node said, for the message of a failed test. */
  get log(): string {
    return this.nodes.map(({ log }) => log).join('\n');
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map(node => node.close()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

/**
 * A cluster that serves, for the test that is running. When the test fails, what the nodes said is printed.
 */
export async function liveCluster(options: ClusterOptions = {}): Promise<LiveCluster> {
  const cluster = await preparedCluster(options);
  await cluster.start();
  return cluster;
}

/** A cluster whose nodes the running test starts itself. */
export async function preparedCluster(options: ClusterOptions = {}): Promise<LiveCluster> {
  const cluster = await LiveCluster.prepare(options);
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') process.stderr.write(`${cluster.log}\n`);
    await cluster.close();
  });
  return cluster;
}

/** One that serves for all tests of a file; each of them leaves every node running. */
export function sharedCluster(options: ClusterOptions = {}): () => LiveCluster {
  let cluster: LiveCluster | undefined;
  beforeAll(async () => {
    cluster = await LiveCluster.prepare(options);
    await cluster.start();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') process.stderr.write(`${cluster?.log}\n`);
  });
  afterAll(() => cluster?.close());
  return () => cluster!;
}
