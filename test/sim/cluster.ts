/** The machines of a run and all that lies between them, and what of it oracles may look at. */

import { crc32 } from 'node:zlib';
import type { AssertionFailed } from '../../src/base/assert.ts';
import type { Partition } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { type KeyPlace, placeKey } from '../../src/core/ring/placement.ts';
import { preferenceList, type Ring } from '../../src/core/ring/ring.ts';
import type { Row } from '../../src/core/rows/row.ts';
import type { Node } from '../../src/node.ts';
import type { Store, Operation as StoreOperation } from '../../src/ports/store.ts';
import { loadProtos } from '../../src/wire/protos.ts';
import { BUCKET } from './client.ts';
import { SimDisk } from './disk/disk.ts';
import { HandOns } from './hand-ons.ts';
import { Machine } from './machine.ts';
import { Network } from './network/network.ts';
import { type Note, notesOn } from './notes.ts';
import type { Sights } from './oracle.ts';
import type { Plan, Way } from './plan.ts';
import { RARE_METRICS, Reached } from './reached.ts';
import { markedIn } from './recovering.ts';
import { SetBacks } from './set-backs.ts';
import { MachineClock } from './time/machine-clock.ts';
import type { World } from './time/world.ts';
import type { View } from './view.ts';

export interface ClusterHooks {
  readonly onCommitted: (node: string, batch: readonly StoreOperation[]) => void;
  readonly onBug: (bug: AssertionFailed) => void;
}

/** Read once a process: it takes some tens of milliseconds. */
export const protos = loadProtos();

export class SimCluster implements View {
  readonly world: World;
  readonly network: Network;
  readonly machines: readonly Machine[];
  readonly nodes: readonly string[];
  readonly keys: readonly string[];
  readonly replication: number;
  readonly reached = new Reached();
  readonly setBacks = new SetBacks();
  readonly handOns = new HandOns();
  core: readonly string[];
  readonly #places: ReadonlyMap<string, KeyPlace>;
  /** As it was born; undefined before that. */
  #ring: Ring | undefined;
  /** Those that have served at least once: they have the ring on their disks. */
  readonly #haveServed = new Set<string>();

  constructor(plan: Plan, world: World, hooks: ClusterHooks) {
    this.world = world;
    this.nodes = plan.cluster.nodes;
    this.core = this.nodes;
    this.keys = plan.clients.keys;
    this.replication = plan.cluster.replication;
    this.#places = new Map(this.keys.map(key => [key, placeKey({ bucket: BUCKET, key })]));
    const count = (what: string) => this.reached.count(what);
    this.network = new Network({ world, random: stream(plan.seed, 'network'), plan: plan.network, count });
    this.network.onCarried(({ from, method }) => this.#countRefill(from, method));
    this.machines = this.nodes.map((name, i) => {
      const disk = new SimDisk({
        world,
        random: stream(plan.seed, `disk of ${name}`),
        name,
        plan: plan.disks,
        durability: plan.cluster.durability,
        onCommitted: batch => hooks.onCommitted(name, batch),
      });
      const clock = new MachineClock({ world, ...plan.cluster.clocks[i]! });
      const random = stream(plan.seed, name);
      const { network, reached, handOns } = this;
      const { onBug } = hooks;
      const onServing = (ring: Ring) => this.#served(name, ring);
      const parts = { name, plan, world, network, protos, disk, clock, random, reached, handOns };
      return new Machine({ ...parts, onServing, onBug });
    });
  }

  get now(): number {
    return this.world.now;
  }

  machine(name: string): Machine {
    return this.machines.find(machine => machine.name === name)!;
  }

  place(key: string): KeyPlace {
    return this.#places.get(key)!;
  }

  /** Whether every node has written down the ring: from then on it cannot be lost with any one of them. */
  get isBorn(): boolean {
    return this.#haveServed.size === this.nodes.length;
  }

  /** Nobody while no node has served. */
  primaries(key: string): readonly string[] {
    return this.owners(this.place(key).partition);
  }

  owners(partition: Partition): readonly string[] {
    return this.#ring === undefined ? [] : preferenceList(this.#ring, partition).primaries;
  }

  /**
   * Whether that node may still miss something that a node of the core could tell it. Whoever waits for an
   * outcast only, waits for good.
   */
  isRecovering(name: string): boolean {
    const count = this.running(name)?.overview.status().recoveringPartitions ?? 1;
    if (count === 0) return false;
    const marked = markedIn(this.disk(name));
    const inVain = marked.filter(index => this.owners(index).some(owner => !this.core.includes(owner)));
    return marked.length < count || inVain.length < marked.length;
  }

  row(node: string, key: string): Row | 'damaged' | undefined {
    return this.machine(node).disk.row(this.place(key));
  }

  isWhole(name: string, key: string): boolean {
    const row = this.row(name, key);
    return !this.isFilling(name, key) && row !== 'damaged' && !row?.recovering;
  }

  isFilling(name: string, key: string): boolean {
    const count = this.running(name)?.overview.status().recoveringPartitions ?? 1;
    if (count === 0) return false;
    const marked = markedIn(this.disk(name));
    return marked.length < count || marked.includes(this.place(key).partition);
  }

  isUntold(name: string): boolean {
    const others = this.machines.filter(machine => machine.name !== name);
    return this.setBacks.isUntold(this.machine(name), others);
  }

  notes(node: string): readonly Note[] {
    return notesOn(this.machine(node).disk.asStore());
  }

  disk(node: string): Store {
    return this.machine(node).disk.asStore();
  }

  running(node: string): Node | undefined {
    return this.machine(node).node;
  }

  counted(metric: string, node?: string): number {
    const machines = node === undefined ? this.machines : [this.machine(node)];
    return machines.reduce((sum, machine) => sum + machine.counted(metric), 0);
  }

  isWell(name: string): boolean {
    const { isServing, isFrozen, isStopping } = this.machine(name);
    return isServing && !isFrozen && !isStopping;
  }

  isFrozen(name: string): boolean {
    return this.machine(name).isFrozen;
  }

  isGone(name: string): boolean {
    const { isUp, isFrozen } = this.machine(name);
    return !isUp || isFrozen || !this.core.includes(name);
  }

  get isStormy(): boolean {
    return this.network.isStormy;
  }

  isClear(ways?: readonly Way[]): boolean {
    return this.network.isClear(ways);
  }

  get changes(): number {
    return this.machines.reduce((sum, machine) => sum + machine.changes, this.network.changes);
  }

  /** How each node that is well sees the members. */
  get sights(): Sights {
    const well = this.nodes.filter(name => this.isWell(name));
    return new Map(well.map(name => [name, this.running(name)!.overview.status().members]));
  }

  /** What was counted as it happened, and what the nodes have counted. */
  get everReached(): Readonly<Record<string, number>> {
    const all = new Reached();
    for (const metric of RARE_METRICS) all.count(metric, this.counted(metric));
    for (const [what, times] of Object.entries(this.reached.counts)) all.count(what, times);
    return all.counts;
  }

  sent(method: string): number {
    return this.network.sent(method);
  }

  /** Calls that have not ended, by way. */
  leftOver(): readonly string[] {
    const ways = this.nodes.flatMap(from => this.nodes.map(to => ({ from, to })));
    return ways.flatMap(way => {
      const count = this.network.underWay(way);
      return count === 0 ? [] : [`${count} calls from ${way.from} to ${way.to}`];
    });
  }

  /** Whoever asks for pages fills a partition; for single records, whoever does that or compares. */
  #countRefill(asker: string, method: string): void {
    if (method === 'Scan') this.reached.count('refill: page by page');
    if (method !== 'Fetch') return;
    const count = this.running(asker)?.overview.status().recoveringPartitions ?? 0;
    if (count > 0) this.reached.count('refill: by keys');
  }

  #served(name: string, ring: Ring): void {
    this.#ring ??= ring;
    this.#haveServed.add(name);
  }

  /** Whether each of the core serves and sees every other one of it. */
  get coreIsUp(): boolean {
    return this.core.every(name => {
      const { node, isServing } = this.machine(name);
      if (node === undefined || !isServing) return false;
      const { members, state } = node.overview.status();
      return state === 'serving' && members.every(member => member.up || !this.core.includes(member.name));
    });
  }
}

/**
 * An independent source of randomness for each thing: what is left out of one does not disturb the others.
 */
export function stream(seed: number, name: string): SeededRandom {
  return new SeededRandom(crc32(`${seed} ${name}`));
}
