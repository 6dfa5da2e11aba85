/**
 * Whole nodes at addresses, for tests of how they meet: unlike test/support/cluster.ts, several processes may
 * bear one name, a process may start where another was, and its disk may crash at any step. Time is virtual.
 */
import { onTestFinished } from 'vitest';
import type { StartUpError } from '../../../src/base/errors.ts';
import { type BootId, type NodeName, nodeName } from '../../../src/base/ids.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { type Node, type NodeOptions, openNode } from '../../../src/node.ts';
import type { Call } from '../../../src/ports/call.ts';
import type { Comparisons } from '../../../src/ports/comparisons.ts';
import type { Gossip } from '../../../src/ports/gossip.ts';
import type { Greeting, Meeting } from '../../../src/ports/meeting.ts';
import type { Status } from '../../../src/ports/overview.ts';
import type { RemoteHooks, Remotes } from '../../../src/ports/peers.ts';
import { type Replica, ReplicaFailed } from '../../../src/ports/replica.ts';
import type { Stamp } from '../../../src/ports/stamp.ts';
import { Counters } from '../../../src/system/counters.ts';
import { KeptLog } from '../../support/quiet.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { CrashingDisk } from './crashing-disk.ts';
import { FreezableClock } from './freezable-clock.ts';

/** A greeting that arrived. */
export interface Met {
  readonly atMs: number;
  readonly from: Process;
  readonly to: Process;
  readonly asked: Greeting;
  readonly answer: Greeting;
}

const NOTHING = new Uint8Array();

/** How a node is started. */
export interface Flags {
  /** Peer addresses. */
  readonly join?: readonly string[];
  readonly expect?: number;
  readonly zone?: string;
  readonly disk?: CrashingDisk;
  /** Its peer address; by default `<name>:7`. */
  readonly at?: string;
}

export class Process {
  readonly name: string;
  readonly at: string;
  readonly disk: CrashingDisk;
  readonly clock: FreezableClock;
  readonly log = new KeptLog();
  /** Paused: nothing it says arrives and nothing arrives there, but its time passes. */
  state: 'up' | 'paused' | 'gone' = 'up';
  /** It has too much to do to answer anybody. */
  overloaded = false;
  /** So much is under way to this one that nothing more is sent there. */
  fullTo: string | undefined;
  serves = false;
  refused: StartUpError | undefined;
  node!: Node;

  constructor({ name, at, disk, clock }: Pick<Process, 'name' | 'at' | 'disk' | 'clock'>) {
    this.name = name;
    this.at = at;
    this.disk = disk;
    this.clock = clock;
  }

  get status(): Status {
    return this.node.overview.status();
  }

  get bootId(): BootId {
    return this.status.members.find(({ name }) => name === this.name)!.bootId;
  }

  /** What it waits for, as one text. */
  get awaited(): string {
    return this.status.awaited.join('\n');
  }

  get clusterId(): string | undefined {
    return this.status.cluster?.id;
  }

  /** What its log says, as one text. */
  get said(): string {
    return this.log.lines.map(({ event, facts }) => `${event} ${JSON.stringify(facts ?? {})}`).join('\n');
  }

  sees(name: string): boolean {
    return this.status.members.some(member => member.name === name && member.up);
  }

  /** What it takes a member for. */
  takes(name: string): string | undefined {
    return this.status.members.find(member => member.name === name)?.state;
  }

  counted(what: string): number {
    return this.status.counters.get(what) ?? 0;
  }

  addressOf(name: string): string | undefined {
    return this.status.members.find(member => member.name === name)?.peerAddress;
  }

  /** kill -9; gives back what its disk holds. */
  kill(): CrashingDisk {
    this.state = 'gone';
    this.node.drain();
    const left = this.disk.afterCrash();
    this.disk.power.left = 0;
    return left;
  }
}

export class Town {
  readonly clock = new VirtualClock();
  /** Connections that were made anew. */
  readonly kicked: string[] = [];
  /** Every greeting so far that arrived, whether or not its answer did, in order. */
  readonly met: Met[] = [];
  /** Whether what one sends to the other, a question or an answer, is lost on the way. */
  loses: (from: Process, to: Process) => boolean = () => false;
  readonly #random: SeededRandom;
  /** By address: the last process that was started there. */
  readonly #houses = new Map<string, Process>();
  readonly #all: Process[] = [];
  readonly #cuts = new Set<string>();
  readonly #muted = new Set<string>();

  constructor(seed = 7) {
    this.#random = new SeededRandom(seed);
    onTestFinished(() => this.#end());
  }

  async start(name: string, flags: Flags = {}): Promise<Process> {
    const { expect, zone = '', join = [], at = `${name}:7` } = flags;
    const clock = new FreezableClock(this.clock);
    const process = new Process({ name, at, clock, disk: flags.disk ?? new CrashingDisk() });
    const options: NodeOptions = {
      name: nodeName(name),
      zone,
      weight: 1,
      address: `${at}000`,
      peerAddress: at,
      join,
      expect,
      durability: 'fsync',
    };
    process.node = await openNode(options, {
      ...process.disk,
      clock,
      random: this.#random,
      log: process.log,
      metrics: new Counters(),
      remotes: hooks => this.#remotes(process, hooks),
      onServing: () => {
        process.serves = true;
      },
      onRefused: error => {
        process.refused = error;
      },
    });
    this.#houses.set(at, process);
    this.#all.push(process);
    process.node.start();
    return process;
  }

  /** Nodes n1 … nN that found one cluster and serve. */
  async cluster(size: number): Promise<readonly Process[]> {
    const nodes: Process[] = [];
    for (let i = 1; i <= size; i++) {
      const join = i === 1 ? [] : ['n1:7'];
      nodes.push(await this.start(`n${i}`, { expect: size, join }));
    }
    await this.allServe(nodes);
    return nodes;
  }

  allServe(nodes: readonly Process[]): Promise<void> {
    const what = () => nodes.map(node => `${node.name} ${node.serves} ${node.awaited}`).join('; ');
    const seen = () => nodes.every(node => nodes.every(other => node.sees(other.name)));
    return this.until(() => nodes.every(node => node.serves) && seen(), what);
  }

  async until(holds: () => boolean, what: () => string): Promise<void> {
    await this.clock.until(holds, 'it').catch(() => {
      throw new Error(`in vain awaited: ${what()}`);
    });
  }

  /** A clean stop; gives back the disk. */
  async close(process: Process): Promise<CrashingDisk> {
    process.state = 'gone';
    await this.clock.done(process.node.close());
    return process.disk.afterCrash();
  }

  /** The same, and the others are told before. */
  async leave(process: Process): Promise<CrashingDisk> {
    process.node.drain();
    await this.clock.pass(1);
    return await this.close(process);
  }

  /** The process can be reached at this address too. */
  alsoAt(address: string, process: Process): void {
    this.#houses.set(address, process);
  }

  /** Nothing passes from one address to the other any more. */
  cut(from: string, to: string): void {
    this.#cuts.add(`${from}>${to}`);
  }

  /** It hears greetings, but its answers to them are lost. */
  mute(at: string): void {
    this.#muted.add(at);
  }

  heal(): void {
    this.#cuts.clear();
    this.#muted.clear();
  }

  /** A client writes a key through this node, over whatever is there. */
  async put(through: Process, { value = 'v', key = 'k', w = 0, strict = false } = {}): Promise<void> {
    const request = { bucket: 'b', key, value: Buffer.from(`\x01${value}`), context: NOTHING, w };
    const more = { strict, writeId: undefined, overwrite: true };
    await this.clock.done(through.node.requests.put({ ...request, ...more }, this.call(3_000)));
  }

  async get(through: Process, key = 'k', { r = 0, strict = false } = {}): Promise<readonly string[]> {
    const request = { bucket: 'b', key, r, strict };
    const { siblings } = await this.clock.done(through.node.requests.get(request, this.call(3_000)));
    return siblings.map(({ value }) => Buffer.from(value).toString('utf8', 1));
  }

  /** A greeting from nowhere. */
  greet(at: string, greeting: Greeting): Promise<Greeting> {
    return this.#houses.get(at)!.node.meeting.meet(greeting, this.call());
  }

  /** Gossip from nowhere. */
  async gossip(at: string, said: Gossip, from: Stamp): Promise<Gossip> {
    return this.#houses.get(at)!.node.gossip.hear(said, from);
  }

  call(ms = 1_000): Call {
    return { deadline: this.clock.now() + ms, cancelled: false };
  }

  async #end(): Promise<void> {
    for (const process of this.#all) {
      if (process.state !== 'gone') process.kill();
      process.node.drain();
    }
  }

  #remotes(from: Process, hooks: RemoteHooks): Remotes {
    const within = this.#wire(from);
    const known = (name: string): Process => {
      const address = hooks.addressOf(nodeName(name));
      if (address === undefined) throw new ReplicaFailed('not sent', 'no address');
      if (from.fullTo === name) throw new ReplicaFailed('overloaded', 'too much is under way from here');
      return this.#reach(from, address);
    };
    /** Admitted where it arrives: of what is stuck on its way, nobody hears. */
    const asked = <T>(name: string, call: Call, ask: (there: Node) => Promise<T>): Promise<T> =>
      within(
        call,
        () => known(name),
        async ({ node }) => {
          const refusal = node.admit(hooks.stamp(nodeName(name)));
          if (refusal !== undefined) throw new ReplicaFailed('refused', refusal);
          return await ask(node);
        },
      );
    const replica = (name: string): Replica => ({
      read: (request, call) => asked(name, call, async ({ replica }) => replica.read(request, call)),
      apply: (request, call) => asked(name, call, ({ replica }) => replica.apply(request, call)),
      scan: (request, call) => asked(name, call, ({ replica }) => replica.scan(request, call)),
      handOff: (records, call) => asked(name, call, ({ replica }) => replica.handOff(records, call)),
    });
    const compared = <T>(name: string, call: Call, ask: (there: Comparisons) => Promise<T>): Promise<T> =>
      asked(name, call, node => ask(node.comparisons(nodeName(from.name))));
    const comparisons = (name: string): Comparisons => ({
      sums: (mine, call) => compared(name, call, there => there.sums(mine, call)),
      nodes: (mine, call) => compared(name, call, there => there.nodes(mine, call)),
      keys: (mine, call) => compared(name, call, there => there.keys(mine, call)),
      records: (places, call) => compared(name, call, there => there.records(places, call)),
    });
    return {
      replica,
      comparisons,
      suspect: () => false,
      gossiper: name => ({
        gossip: (said, call) =>
          this.#reported({ from, hooks, name }, () =>
            within(
              call,
              () => known(name),
              async to => to.node.gossip.hear(said, hooks.stamp(name)),
            ),
          ),
        probe: (target, call) =>
          this.#reported({ from, hooks, name }, () =>
            within(
              call,
              () => known(name),
              to => to.node.gossip.probe(target, hooks.stamp(name), call),
            ),
          ),
      }),
      coordinator: () => {
        throw new ReplicaFailed('not sent', 'nothing is handed on here');
      },
      at: (address): Meeting => ({
        meet: (greeting, call) =>
          within(
            call,
            () => this.#reach(from, address),
            to => this.#meet({ from, to, asked: greeting }, call),
          ),
      }),
      kick: name => void this.kicked.push(`${from.name} to ${name}`),
      close: () => {},
    };
  }

  async #reported<T>(
    { from, hooks, name }: { from: Process; hooks: RemoteHooks; name: NodeName },
    ask: () => Promise<T>,
  ): Promise<T> {
    try {
      const answer = await ask();
      hooks.heard(name);
      return answer;
    } catch (error) {
      const { failure } = error as ReplicaFailed;
      if (failure === 'overloaded' && from.fullTo !== name) hooks.heard(name);
      if (failure !== 'overloaded' && failure !== 'refused') hooks.failed(name, failure);
      throw error;
    }
  }

  async #meet(way: Omit<Met, 'atMs' | 'answer'>, call: Call): Promise<Greeting> {
    const answer = await way.to.node.meeting.meet(way.asked, call);
    this.met.push({ ...way, atMs: this.clock.now(), answer });
    return this.#muted.has(way.to.at) ? new Promise<never>(() => {}) : answer;
  }

  #reach(from: Process, address: string): Process {
    const process = this.#houses.get(address);
    if (process === undefined || process.state === 'gone')
      throw new ReplicaFailed('not sent', 'nobody there');
    if (from.state === 'gone') throw new ReplicaFailed('not sent', 'the caller is gone');
    if (this.#cuts.has(`${from.at}>${address}`)) throw new ReplicaFailed('lost', 'the way is cut');
    return process;
  }

  /** Resolves when what is sent arrives, if it does. */
  async #way(from: Process, to: Process): Promise<void> {
    const isStuck = [from, to].some(({ state }) => state === 'paused');
    if (isStuck || this.loses(from, to)) await new Promise<never>(() => {});
    await to.clock.running();
  }

  /** Calls of one process, each with its deadline. A process that is paused neither sends nor answers. */
  #wire(from: Process) {
    return <T>(call: Call, find: () => Process, ask: (to: Process) => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        const lost = () => reject(new ReplicaFailed('lost', 'no answer in time'));
        const timer = from.clock.after(call.deadline - this.clock.now(), lost);
        const run = async (): Promise<T> => {
          const to = find();
          await this.#way(from, to);
          if (to.overloaded) throw new ReplicaFailed('overloaded', 'too much to do');
          const asked = ask(to);
          await Promise.allSettled([asked]);
          await this.#way(to, from);
          return await asked;
        };
        run()
          .then(resolve, reject)
          .finally(() => timer.cancel());
      });
  }
}
