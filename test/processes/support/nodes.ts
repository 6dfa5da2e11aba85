/**
 * Real nodes on loopback, with ports and data of their own. Whoever makes them closes them: for tests that is
 * live-cluster.ts.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Calls } from './calls.ts';
import { freeAddresses } from './free-ports.ts';
import { LiveNode, MAIN } from './live-node.ts';

export interface ClusterOptions {
  /** 3 unless said otherwise; named n1 … nN. */
  readonly nodes?: number;
  /** Further arguments for every node. */
  readonly more?: readonly string[];
  /** The script behind `shoal`; that of the build unless said otherwise. */
  readonly main?: string;
}

export class LiveCluster {
  readonly folder: string;
  readonly nodes: readonly LiveNode[];

  private constructor(folder: string, nodes: readonly LiveNode[]) {
    this.folder = folder;
    this.nodes = nodes;
  }

  /** Nodes that know of each other, none of them started. To be closed by whoever made it. */
  static async prepare({ nodes = 3, more = [], main = MAIN }: ClusterOptions = {}): Promise<LiveCluster> {
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
      specs.map(spec => new LiveNode(spec, main)),
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
