/**
 * One machine of a simulated cluster: a disk and a clock that outlive its processes, and the process that runs there now, wired as src/cli/assemble.ts
 * wires a real one, but for what it is wired to.
 */
import type { AssertionFailed } from '../../src/base/assert.ts';
import { StartUpError } from '../../src/base/errors.ts';
import { nodeName } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { Ring } from '../../src/core/ring/ring.ts';
import { type Node, openNode } from '../../src/node.ts';
import type { Facts, Log } from '../../src/ports/log.ts';
import { StoreFailed } from '../../src/ports/store.ts';
import { clusterMethods, kvMethods } from '../../src/rpc/client-methods.ts';
import { Gate } from '../../src/rpc/gate.ts';
import { peerMethods } from '../../src/rpc/peer-methods.ts';
import { GrpcRemotes } from '../../src/rpc/remotes.ts';
import type { Door } from '../../src/rpc/serving.ts';
import { StallWatch } from '../../src/rpc/stall.ts';
import { Counters } from '../../src/system/counters.ts';
import type { Protos } from '../../src/wire/protos.ts';
import type { SimDisk } from './disk/disk.ts';
import type { Network } from './network/network.ts';
import type { Plan } from './plan.ts';
import type { Reached } from './reached.ts';
import { type MachineClock, Process } from './time/process.ts';
import type { World } from './time/world.ts';

export interface MachineParts {
  readonly name: string;
  readonly plan: Plan;
  readonly world: World;
  readonly network: Network;
  readonly protos: Protos;
  readonly disk: SimDisk;
  readonly clock: MachineClock;
  readonly random: SeededRandom;
  readonly reached: Reached;
  /** It answers requests: it knows the ring. */
  readonly onServing: (ring: Ring) => void;
  /** A bug of ours: the run ends. */
  readonly onBug: (bug: AssertionFailed) => void;
}

/** As the doors of src/rpc have them. */
const PEER_BYTES_MAX = 512 * 1024 * 1024;
const CLIENT_BYTES_MAX = 256 * 1024 * 1024;
/** For what is under way when a node is told to stop. */
const GRACE_MS = 200;
/** How long whoever looks after the process waits before it tries to start it again. */
const RESTART_MS = 1_000;

interface Running {
  readonly process: Process;
  readonly metrics: Counters;
  gates: readonly Gate[];
  node: Node | undefined;
  serving: boolean;
}

export class Machine {
  readonly name: string;
  readonly disk: SimDisk;
  readonly clock: MachineClock;
  readonly #parts: MachineParts;
  /** Of processes that are gone. */
  readonly #counted = new Map<string, number>();
  #running: Running | undefined;
  /** Somebody looks after it: what cannot start is tried again. */
  #wanted = false;

  constructor(parts: MachineParts) {
    this.name = parts.name;
    this.disk = parts.disk;
    this.clock = parts.clock;
    this.#parts = parts;
  }

  /** Undefined while no process runs, or it is still opening its store. */
  get node(): Node | undefined {
    return this.#running?.node;
  }

  get process(): Process | undefined {
    return this.#running?.process;
  }

  get isUp(): boolean {
    return this.#running !== undefined;
  }

  get isServing(): boolean {
    return this.#running?.serving ?? false;
  }

  get isFrozen(): boolean {
    return this.#running?.process.paused ?? false;
  }

  /** Its disk has failed under it, and it reads only. */
  get isFaulted(): boolean {
    return this.#running?.node?.overview.status().state === 'storage-faulted';
  }

  counted(metric: string): number {
    return (this.#counted.get(metric) ?? 0) + (this.#running?.metrics.snapshot().get(metric) ?? 0);
  }

  /** Starts a process, unless one runs; if it cannot start, it is tried again until it can or somebody ends it. */
  start(): void {
    this.#wanted = true;
    if (this.#running !== undefined) return;
    this.#note('starts');
    const process = new Process({ world: this.#parts.world, name: this.name, clock: this.clock });
    const running: Running = { process, metrics: new Counters(), gates: [], node: undefined, serving: false };
    this.#running = running;
    this.#open(running).catch((error: unknown) => this.#cannotStart(running, error));
  }

  /** kill -9, or the power goes. Its disk has what such an end leaves on it. */
  end(how: 'kill' | 'power cut'): void {
    this.#wanted = false;
    if (this.#running === undefined) return;
    this.#note(how === 'kill' ? 'is killed' : 'loses its power');
    this.#countEnd(this.#running);
    this.#forget(this.#running);
    this.disk.crashed(how);
  }

  /** As SIGTERM does it: drain, close, end. Resolves when the process is gone. */
  async stop(): Promise<{ readonly clean: boolean }> {
    this.#wanted = false;
    const running = this.#running;
    if (running === undefined) return { clean: false };
    this.#note('is told to stop');
    running.node?.drain();
    for (const gate of running.gates) gate.close();
    const clean = await this.#close(running);
    if (this.#running !== running) return { clean: false };
    this.#note('has stopped');
    this.#forget(running);
    // Nothing is under way any more: what was written stays.
    this.disk.crashed('kill');
    if (this.#wanted) this.start();
    return { clean };
  }

  freeze(): void {
    if (this.#running === undefined || this.#running.process.paused) return;
    this.#note('is frozen');
    this.#running.process.pause();
  }

  thaw(): void {
    if (this.#running?.process.paused !== true) return;
    this.#note('thaws');
    this.#running.process.resume();
  }

  get #place(): { zone: string; weight: number } {
    const { nodes, places } = this.#parts.plan.cluster;
    return places[nodes.indexOf(this.name)] ?? { zone: 'z1', weight: 1 };
  }

  async #open(running: Running): Promise<void> {
    const { name, plan, network, protos, random } = this.#parts;
    const { process } = running;
    this.disk.checkOpen();
    const log = this.#log();
    const node = await openNode(
      {
        name: nodeName(name),
        ...this.#place,
        address: `${name}:client`,
        peerAddress: `${name}:peer`,
        join: plan.cluster.nodes.filter(other => other !== name).map(other => `${other}:peer`),
        expect: plan.cluster.nodes.length,
        durability: plan.cluster.durability,
        replication: plan.cluster.replication,
      },
      {
        ...this.disk.open(process),
        clock: process.clock,
        random: new SeededRandom(random.u32()),
        log,
        metrics: running.metrics,
        remotes: hooks =>
          new GrpcRemotes({ protos, hooks, connect: address => network.connect({ from: process, address }) }),
        onServing: ({ ring }) => {
          running.serving = true;
          this.#note('serves');
          this.#parts.onServing(ring);
        },
        onRefused: error => this.#cannotStart(running, error),
      },
    );
    running.node = node;
    this.#listen(running, node, log);
    node.start();
  }

  #listen(running: Running, node: Node, log: Log): void {
    const { name, plan, network, protos, onBug } = this.#parts;
    const { process } = running;
    const calls = plan.cluster.callsMax;
    const stalls = new StallWatch(process.clock);
    const door = (bytes: number): Door => {
      const gate = new Gate({ calls, bytes });
      running.gates = [...running.gates, gate];
      return { protos, clock: process.clock, log, gate, stalls, onBug };
    };
    network.listen({
      address: `${name}:peer`,
      process,
      definition: protos.peer,
      methods: peerMethods({
        replica: node.replica,
        coordinator: node.handedOn,
        meeting: node.meeting,
        admit: stamp => node.admit(stamp),
      }),
      door: door(PEER_BYTES_MAX),
    });
    const clients = door(CLIENT_BYTES_MAX);
    network.listen({
      address: `${name}:client`,
      process,
      definition: protos.kv,
      methods: kvMethods(node.requests),
      door: clients,
    });
    network.listen({
      address: `${name}:client`,
      process,
      definition: protos.cluster,
      methods: clusterMethods(node.overview),
      door: clients,
    });
  }

  #cannotStart(running: Running, error: unknown): void {
    if (!(error instanceof StartUpError || error instanceof StoreFailed)) {
      this.#parts.onBug(error as AssertionFailed);
      return;
    }
    if (this.#running !== running) return;
    this.#note(`cannot start: ${error.message}`);
    if (this.disk.full) this.#parts.reached.count('start: no room');
    this.#forget(running);
    this.disk.crashed('kill');
    this.#parts.world.after(RESTART_MS, () => {
      if (this.#wanted) this.start();
    });
  }

  #forget(running: Running): void {
    for (const [name, count] of running.metrics.snapshot()) {
      this.#counted.set(name, (this.#counted.get(name) ?? 0) + count);
    }
    running.process.end();
    this.#running = undefined;
  }

  /** Says whether it was done cleanly. Does not resolve if the process is killed before. */
  async #close({ process, node }: Running): Promise<boolean> {
    await new Promise<void>(resolve => {
      process.clock.after(GRACE_MS, resolve);
    });
    try {
      await node?.close();
      return node !== undefined;
    } catch (error) {
      this.#note(`did not close cleanly: ${String(error)}`);
      return false;
    }
  }

  #countEnd({ node }: Running): void {
    const { reached } = this.#parts;
    if (this.disk.isWriting) reached.count('end: a write was under way');
    if (!this.isServing) reached.count('end: while it started');
    else if (node!.overview.status().recoveringPartitions > 0) reached.count('end: while it recovered');
  }

  /** Who a node is after its start, and why. */
  #countStart(event: string, { why }: Facts = {}): void {
    const { reached } = this.#parts;
    if (event === 'new incarnation') reached.count(`start: ${why}`);
    if (event === 'incarnation kept so far') reached.count('start: it may keep its incarnation');
  }

  #log(): Log {
    const note = (level: string) => (event: string, facts?: Facts) => {
      this.#countStart(event, facts);
      this.#note(`${level}${event}${facts === undefined ? '' : ` ${JSON.stringify(facts)}`}`);
    };
    return { info: note(''), warn: note('warns: '), error: note('complains: ') };
  }

  #note(text: string): void {
    const { world, name } = this.#parts;
    world.trace.note(world.now, { about: 'node', text: `${name} ${text}` });
  }
}
