/**
 * One machine of a simulated cluster: a disk and a clock that outlive its processes, and the process that
 * runs there now, wired as src/cli/assemble.ts wires a real one, but for what it is wired to.
 */
import type { AssertionFailed } from '../../src/base/assert.ts';
import { StartUpError } from '../../src/base/errors.ts';
import { nodeName } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { Ring } from '../../src/core/ring/ring.ts';
import { type Node, type NodeOptions, openNode } from '../../src/node.ts';
import { StoreFailed } from '../../src/ports/store.ts';
import { GrpcRemotes } from '../../src/rpc/remotes.ts';
import { Counters } from '../../src/system/counters.ts';
import type { Protos } from '../../src/wire/protos.ts';
import type { SimDisk } from './disk/disk.ts';
import { openDoors } from './doors.ts';
import type { HandOns } from './hand-ons.ts';
import { MachineLog } from './machine-log.ts';
import type { Network } from './network/network.ts';
import { dialectOf, peerLink } from './peer-link.ts';
import type { Plan } from './plan.ts';
import type { Reached } from './reached.ts';
import type { MachineClock } from './time/machine-clock.ts';
import { Process } from './time/process.ts';
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
  readonly handOns: HandOns;
  /** It answers requests: it knows the ring. */
  readonly onServing: (ring: Ring) => void;
  /** A bug of ours: the run ends. */
  readonly onBug: (bug: AssertionFailed) => void;
}

/** For what is under way when a node is told to stop. */
const GRACE_MS = 200;
/** How long whoever looks after the process waits before it tries to start it again. */
const RESTART_MS = 1_000;

interface Running {
  readonly process: Process;
  /** True time. */
  readonly startedAt: number;
  readonly metrics: Counters;
  closeDoors: () => void;
  node: Node | undefined;
  serving: boolean;
  stopping: boolean;
}

export class Machine {
  readonly name: string;
  readonly disk: SimDisk;
  readonly clock: MachineClock;
  /** Where its next process listens for other nodes, behind its name; another one after it has moved. */
  peerPort = 'peer';
  readonly #parts: MachineParts;
  readonly #log: MachineLog;
  /** Of processes that are gone. */
  readonly #counted = new Map<string, number>();
  #running: Running | undefined;
  /** Somebody looks after it: what cannot start is tried again. */
  #wanted = false;
  #changes = 0;

  constructor(parts: MachineParts) {
    this.name = parts.name;
    this.disk = parts.disk;
    this.clock = parts.clock;
    this.#parts = parts;
    this.#log = new MachineLog(parts);
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

  /** True time, ms; undefined while no process runs. */
  get startedAt(): number | undefined {
    return this.#running?.startedAt;
  }

  get isServing(): boolean {
    return this.#running?.serving ?? false;
  }

  /** How often it began or ceased to answer. */
  get changes(): number {
    return this.#changes;
  }

  /** It was told to stop, and turns away whoever comes. */
  get isStopping(): boolean {
    return this.#running?.stopping ?? false;
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

  /**
   * Starts a process, unless one runs; if it cannot start, it is tried again until it can or somebody ends
   * it.
   */
  start(): void {
    this.#wanted = true;
    if (this.#running !== undefined) return;
    this.#log.note('starts');
    const process = new Process({ world: this.#parts.world, name: this.name, clock: this.clock });
    const running: Running = {
      process,
      startedAt: this.#parts.world.now,
      metrics: new Counters(),
      closeDoors: () => {},
      node: undefined,
      serving: false,
      stopping: false,
    };
    this.#running = running;
    this.#open(running).catch((error: unknown) => this.#cannotStart(running, error));
  }

  /** kill -9, or the power goes. Its disk has what such an end leaves on it. */
  end(how: 'kill' | 'power cut'): void {
    this.#wanted = false;
    if (this.#running === undefined) return;
    this.#log.note(how === 'kill' ? 'is killed' : 'loses its power');
    this.#log.countEnd({ ...this.#running, ...this.#midst });
    this.#forget(this.#running);
    this.disk.crashed(how);
  }

  /** As SIGTERM does it: drain, close, end. Resolves when the process is gone. */
  async stop(): Promise<{ readonly clean: boolean }> {
    this.#wanted = false;
    const running = this.#running;
    if (running === undefined) return { clean: false };
    this.#log.note('is told to stop');
    this.#changes += 1;
    running.stopping = true;
    running.node?.drain();
    running.closeDoors();
    const clean = await this.#close(running);
    if (this.#running !== running) return { clean: false };
    this.#log.note('has stopped');
    this.#forget(running);
    // Nothing is under way any more: what was written stays.
    this.disk.crashed('kill');
    if (this.#wanted) this.start();
    return { clean };
  }

  freeze(): void {
    if (this.#running === undefined || this.#running.process.paused) return;
    this.#log.note('is frozen');
    this.#running.process.pause();
    this.#changes += 1;
  }

  thaw(): void {
    if (this.#running?.process.paused !== true) return;
    this.#log.note('thaws');
    this.#running.process.resume();
    this.#changes += 1;
  }

  /** What it is in the middle of. */
  get #midst() {
    const { network } = this.#parts;
    const { name } = this;
    return {
      writing: this.disk.isWriting,
      handingOff: network.isUnderWay('HandOff', { from: name }),
      takingOver: network.isUnderWay('HandOff', { to: name }),
    };
  }

  get #peerAddress(): string {
    return `${this.name}:${this.peerPort}`;
  }

  get #options(): NodeOptions {
    const { cluster, without } = this.#parts.plan;
    const { nodes, places, durability, replication } = cluster;
    return {
      name: nodeName(this.name),
      ...(places[nodes.indexOf(this.name)] ?? { zone: 'z1', weight: 1 }),
      address: `${this.name}:client`,
      peerAddress: this.#peerAddress,
      join: nodes.filter(other => other !== this.name).map(other => `${other}:peer`),
      expect: nodes.length,
      durability,
      replication,
      without: new Set(without),
    };
  }

  async #open(running: Running): Promise<void> {
    const { plan, network, protos } = this.#parts;
    const { process, metrics } = running;
    const { messages } = protos;
    const dialect = dialectOf(plan.streams, messages);
    const random = new SeededRandom(this.#parts.random.u32());
    const { handOns } = this.#parts;
    const linkRandom = new SeededRandom(this.#parts.random.u32());
    const linkParts = { network, messages, dialect, random: linkRandom, handOns };
    this.disk.checkOpen();
    const node = await openNode(this.#options, {
      ...this.disk.open(process),
      clock: process.clock,
      random,
      log: this.#log,
      metrics,
      remotes: hooks =>
        new GrpcRemotes({
          messages,
          hooks,
          connect: address => peerLink({ from: process, address }, linkParts),
        }),
      onServing: ({ ring }) => {
        running.serving = true;
        this.#changes += 1;
        this.#log.note('serves');
        this.#parts.onServing(ring);
      },
      onRefused: error => this.#cannotStart(running, error),
    });
    running.node = node;
    const { callsMax } = plan.cluster;
    const peerAddress = this.#peerAddress;
    const common = { network, protos, dialect, metrics, callsMax };
    const parts = { ...common, process, node, peerAddress, log: this.#log };
    running.closeDoors = openDoors({ ...parts, onBug: this.#parts.onBug });
    node.start();
  }

  #cannotStart(running: Running, error: unknown): void {
    if (!(error instanceof StartUpError || error instanceof StoreFailed)) {
      this.#parts.onBug(error as AssertionFailed);
      return;
    }
    if (this.#running !== running) return;
    this.#log.note(`cannot start: ${error.message}`);
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
    this.#changes += 1;
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
      this.#log.note(`did not close cleanly: ${String(error)}`);
      return false;
    }
  }
}
