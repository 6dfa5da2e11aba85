/** A cluster of real nodes for the bench: on loopback, with data in a temporary folder that goes with it. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { firstUsed } from '../../src/cli/free-ports.ts';
import type { Watched } from '../../src/cli/load/cpu-readings.ts';
import { type NodeProcess, type NodeSpec, startNode } from '../../src/cli/node-process.ts';
import type { WayTogether } from '../../src/node.ts';
import type { Profile } from '../causes.ts';
import type { ClusterShape } from '../rows.ts';
import { profilePath } from './profile-path.ts';

const MAIN = fileURLToPath(new URL('./node-main.js', import.meta.url));
/** Below the range from which the system draws ports for connections. */
const PORT_MIN = 12_000;
const PORT_MAX = 32_000;
/** To drain; a node that takes longer is killed. */
const STOP_MS_MAX = 10_000;
const PROFILE_MS_MAX = 10_000;
const LOOK_MS = 50;

export interface StartOptions {
  /** What is not to bring owners together. */
  readonly without?: readonly WayTogether[];
}

export class BenchCluster {
  readonly addresses: readonly string[];
  /** Where each has its data, and its peers find it. */
  readonly specs: readonly NodeSpec[];
  #nodes: NodeProcess[];
  #options: StartOptions;
  readonly #said: string[] = [];

  private constructor(specs: readonly NodeSpec[], options: StartOptions) {
    this.specs = specs;
    this.#options = options;
    this.#nodes = specs.map(spec => this.#started(spec));
    this.addresses = specs.map(({ listen }) => listen);
  }

  get servers(): readonly Watched[] {
    return this.#nodes.map(({ name, pid }) => ({ name, pid }));
  }

  /** Resolves when every node serves. @param folder an empty one, for their data */
  static async start(shape: ClusterShape, folder: string, options: StartOptions = {}): Promise<BenchCluster> {
    const cluster = new BenchCluster(await specsOf(shape, folder), options);
    await cluster.#serving(cluster.#nodes);
    return cluster;
  }

  /** Stops all cleanly and starts them so; resolves when every node serves. */
  async restart(options: StartOptions): Promise<void> {
    await this.stop();
    this.#options = options;
    this.#nodes = this.specs.map(spec => this.#started(spec));
    await this.#serving(this.#nodes);
  }

  /** Stops it cleanly; resolves when it has ended. */
  async halt(at: number): Promise<void> {
    this.#nodes[at]!.signal('SIGTERM');
    await this.#nodes[at]!.ended;
  }

  /** Of one that has ended: all its data. */
  wipe(at: number): void {
    rmSync(this.specs[at]!.data, { recursive: true });
  }

  /** `kill -9`; resolves when it is gone. @param at its place in {@link servers} */
  async kill(at: number): Promise<void> {
    this.#nodes[at]!.signal('SIGKILL');
    await this.#nodes[at]!.ended;
  }

  /** Starts it once more, with the data it had; resolves when it serves. */
  async revive(at: number): Promise<void> {
    const node = this.#started(this.specs[at]!);
    this.#nodes[at] = node;
    await this.#serving([node]);
  }

  async stop(): Promise<void> {
    this.signal('SIGTERM');
    const late = setTimeout(() => this.signal('SIGKILL'), STOP_MS_MAX);
    await Promise.all(this.#nodes.map(node => node.ended));
    clearTimeout(late);
  }

  signal(signal: NodeJS.Signals): void {
    for (const node of this.#nodes) node.signal(signal);
  }

  #started(spec: NodeSpec): NodeProcess {
    const { without = [] } = this.#options;
    const less = without.length === 0 ? [] : ['--without', without.join(',')];
    const more = [...(spec.more ?? []), ...less];
    return startNode(MAIN, { ...spec, more }, line => void this.#said.push(`${spec.name} | ${line}`));
  }

  async #serving(nodes: readonly NodeProcess[]): Promise<void> {
    const serving = await Promise.all(nodes.map(node => node.serving));
    if (serving.every(line => line !== undefined)) return;
    await this.stop();
    throw new Error(`the cluster did not start:\n${this.#said.join('\n')}`);
  }

  /** What the first node does with its time, after a while, for a while. */
  async profile({ warmUpMs, measuredMs }: { warmUpMs: number; measuredMs: number }): Promise<Profile> {
    const path = profilePath(this.specs[0]!.data);
    rmSync(path, { force: true });
    await sleep(warmUpMs);
    this.#nodes[0]!.signal('SIGUSR2');
    await sleep(measuredMs);
    this.#nodes[0]!.signal('SIGUSR2');
    const late = performance.now() + PROFILE_MS_MAX;
    while (!existsSync(path)) {
      if (performance.now() > late) throw new Error('the node wrote no profile');
      await sleep(LOOK_MS);
    }
    return JSON.parse(readFileSync(path, 'utf8')) as Profile;
  }
}

async function specsOf({ nodes, durability }: ClusterShape, folder: string): Promise<readonly NodeSpec[]> {
  const addresses = await freeAddresses(2 * nodes);
  const forPeers = addresses.slice(nodes);
  return forPeers.map((peerListen, index) => ({
    name: `n${index + 1}`,
    data: join(folder, `n${index + 1}`),
    listen: addresses[index]!,
    peerListen,
    join: forPeers,
    expect: nodes,
    more: ['--durability', durability, '--log', 'text'],
  }));
}

async function freeAddresses(count: number): Promise<readonly string[]> {
  const free: string[] = [];
  let port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
  while (free.length < count) {
    port = port >= PORT_MAX ? PORT_MIN : port + 1;
    if ((await firstUsed([`127.0.0.1:${port}`])) === undefined) free.push(`127.0.0.1:${port}`);
  }
  return free;
}
