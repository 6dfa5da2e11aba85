/**
 * Whole nodes in one process, each on a store in memory, talking by direct calls that can be cut: for tests
 * of what engines do together. Time is virtual and passes only in `done`, `until` and `pass`; nothing is
 * encoded (the simulator does that).
 *
 * cluster.stop('n2')          nobody listens there any more (calls are `not sent`); kill -9 as its disk sees
 * it
 *   cluster.pause('n2')         it takes calls and never answers (SIGSTOP)
 *   cluster.restart('n2')       on what its disk holds; `wiped: true` on an empty one
 *   cluster.cut('n1', 'n2')     what n1 sends to n2 does not arrive; the other way it does
 *   cluster.hold(call => …)     calls that match arrive only after release()
 *   TestCluster.apart(3)        as serving(3), but nothing is handed off or compared
 *   cluster.calls               every call between nodes so far, in order
 */
import { onTestFinished } from 'vitest';
import type { StartUpError } from '../../src/base/errors.ts';
import { nodeName } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { type Node, type NodeOptions, openNode } from '../../src/node.ts';
import type { Call } from '../../src/ports/call.ts';
import type { Comparisons } from '../../src/ports/comparisons.ts';
import type { Meeting } from '../../src/ports/meeting.ts';
import type { RemoteHooks, Remotes } from '../../src/ports/peers.ts';
import { type Replica, ReplicaFailed } from '../../src/ports/replica.ts';
import type { Requests } from '../../src/ports/requests.ts';
import { Counters } from '../../src/system/counters.ts';
import { MemoryFile, MemoryFloor } from './memory-file.ts';
import { MemoryStore } from './memory-store.ts';
import { KeptLog } from './quiet.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What survives a process. */
export interface Disk {
  store: MemoryStore;
  readonly identity: MemoryFile;
  readonly cluster: MemoryFile;
  readonly floor: MemoryFloor;
}

interface Seat {
  readonly options: NodeOptions;
  disk: Disk;
  node: Node;
  state: 'up' | 'stopped' | 'paused';
  serving: boolean;
  refused: StartUpError | undefined;
  log: KeptLog;
  metrics: Counters;
}

/** A call between nodes. */
export interface Sent {
  readonly from: string;
  readonly to: string;
  readonly what: 'read' | 'apply' | 'scan' | 'handOff' | 'get' | 'put' | 'delete' | keyof Comparisons;
}

interface Restart extends SeatOptions {
  readonly wiped?: boolean;
}

export type SeatOptions = Partial<Omit<NodeOptions, 'name'>>;

export class TestCluster {
  readonly clock = new VirtualClock();
  readonly calls: Sent[] = [];
  readonly #seats = new Map<string, Seat>();
  readonly #random = new SeededRandom(1);
  readonly #cuts = new Set<string>();
  #held: { readonly matches: (sent: Sent) => boolean; readonly passed: Promise<void> } | undefined;
  #release: () => void = () => {};
  #handsOff = true;
  #mute: (sent: Sent) => boolean = () => false;

  /** Nodes n1 … nN that found one cluster and serve. */
  static async serving(size: number, options: SeatOptions = {}): Promise<TestCluster> {
    const cluster = new TestCluster();
    onTestFinished(() => cluster.end());
    for (let i = 1; i <= size; i++)
      await cluster.add(`n${i}`, { expect: size, join: i === 1 ? [] : ['n1:peer'], ...options });
    await cluster.until(() => cluster.names.every(name => cluster.isServing(name)), 'all nodes serve');
    await cluster.allSeen();
    return cluster;
  }

  /** The same, but nothing is handed off or compared: what a node has missed it lacks until it is read. */
  static async apart(size: number): Promise<TestCluster> {
    const cluster = await TestCluster.serving(size, { without: new Set(['anti-entropy']) });
    cluster.#handsOff = false;
    return cluster;
  }

  /** Every node that is up believes that every other such node answers. */
  async allSeen(): Promise<void> {
    const up = this.names.filter(name => this.seat(name).state === 'up');
    await this.until(() => up.every(name => up.every(other => this.sees(name, other))), 'all see each other');
  }

  /** Nobody believes any more that it answers. */
  async knownDown(...names: readonly string[]): Promise<void> {
    const others = this.names.filter(name => !names.includes(name));
    const known = () => others.every(name => !names.some(down => this.sees(name, down)));
    await this.until(known, `${names} are known to be down`);
  }

  until(holds: () => boolean, what: string): Promise<void> {
    return this.clock.until(holds, what);
  }

  done<T>(promise: Promise<T>): Promise<T> {
    return this.clock.done(promise);
  }

  /** A call with so much time. */
  callFor(ms: number): Call {
    return { deadline: this.clock.now() + ms, cancelled: false };
  }

  cut(from: string, to: string): void {
    this.#cuts.add(`${from}>${to}`);
  }

  /** What `from` answers to such calls is lost; they are done all the same. */
  cutAnswers(from: string, what: Sent['what']): void {
    this.#mute = sent => sent.to === from && sent.what === what;
  }

  heal(): void {
    this.#cuts.clear();
    this.#mute = () => false;
  }

  hold(matches: (sent: Sent) => boolean): void {
    const passed = new Promise<void>(resolve => {
      this.#release = resolve;
    });
    this.#held = { matches, passed };
  }

  release(): void {
    this.#held = undefined;
    this.#release();
  }

  /** How often something was counted, on one node or on all. */
  counted(metric: string, name?: string): number {
    const seats = name === undefined ? [...this.#seats.values()] : [this.seat(name)];
    return seats.reduce((sum, { metrics }) => sum + (metrics.snapshot().get(metric) ?? 0), 0);
  }

  get names(): readonly string[] {
    return [...this.#seats.keys()];
  }

  node(name: string): Node {
    return this.seat(name).node;
  }

  seat(name: string): Seat {
    return this.#seats.get(name)!;
  }

  isServing(name: string): boolean {
    return this.seat(name).serving;
  }

  /** Whether `name` believes that `other` answers. */
  sees(name: string, other: string): boolean {
    return this.node(name)
      .overview.status()
      .members.some(member => member.name === other && member.up);
  }

  async add(name: string, options: SeatOptions = {}, disk: Disk = emptyDisk()): Promise<void> {
    const all: NodeOptions = {
      name: nodeName(name),
      zone: 'here',
      weight: 1,
      address: `${name}:client`,
      peerAddress: `${name}:peer`,
      join: [],
      expect: undefined,
      durability: 'fsync',
      ...options,
    };
    const seat: Seat = {
      options: all,
      disk,
      node: undefined as unknown as Node,
      state: 'up',
      serving: false,
      refused: undefined,
      log: new KeptLog(),
      metrics: new Counters(),
    };
    this.#seats.set(name, seat);
    seat.node = await openNode(all, {
      ...disk,
      clock: this.clock,
      random: this.#random,
      log: seat.log,
      metrics: seat.metrics,
      remotes: hooks => this.#remotes(seat, hooks),
      onServing: () => {
        seat.serving = true;
      },
      onRefused: error => {
        seat.refused = error;
      },
    });
    seat.node.start();
  }

  /** Its process is gone; its disk keeps what was committed. */
  stop(name: string): void {
    const seat = this.seat(name);
    seat.state = 'stopped';
    seat.serving = false;
    seat.disk = { ...seat.disk, store: seat.disk.store.reopened() };
  }

  pause(name: string): void {
    this.seat(name).state = 'paused';
  }

  resume(name: string): void {
    this.seat(name).state = 'up';
  }

  async restart(name: string, { wiped = false, ...changed }: Restart = {}): Promise<void> {
    const { options, disk } = this.seat(name);
    await this.add(
      name,
      { ...options, ...changed, join: this.names.map(other => `${other}:peer`) },
      wiped ? emptyDisk() : disk,
    );
    await this.until(() => this.isServing(name), `${name} serves again`);
  }

  async end(): Promise<void> {
    this.release();
    for (const seat of this.#seats.values()) {
      seat.disk.store.releaseWrites();
      if (seat.state === 'stopped') seat.node.drain();
      else await seat.node.close().catch(() => undefined);
      seat.state = 'stopped';
    }
  }

  #remotes(from: Seat, hooks: RemoteHooks): Remotes {
    const to = (name: string) => this.#reach(from, name);
    const report = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
      try {
        const answer = await run();
        hooks.heard(nodeName(name));
        return answer;
      } catch (error) {
        if (!(error instanceof ReplicaFailed)) hooks.heard(nodeName(name));
        else if (error.failure !== 'refused') hooks.failed(nodeName(name), error.failure);
        throw error;
      }
    };
    const admitted = (name: string): Seat => {
      const seat = to(name);
      const refusal = seat.node.admit(hooks.stamp(nodeName(name)));
      if (refusal !== undefined) throw new ReplicaFailed('refused', refusal);
      return seat;
    };
    const call = <T>(
      what: Sent['what'],
      name: string,
      to: { call: Call; run: (seat: Seat) => Promise<T> },
    ) => {
      const sent = { from: from.options.name, to: name, what };
      this.calls.push(sent);
      return report(name, () =>
        this.#within(to.call, async () => {
          if (this.#held?.matches(sent)) await this.#held.passed;
          const answer = await answered(admitted(name), to.run);
          return this.#mute(sent) ? await new Promise<never>(() => {}) : answer;
        }),
      );
    };
    return {
      suspect: () => false,
      replica: (name): Replica => ({
        read: (request, given) =>
          call('read', name, { call: given, run: async ({ node }) => node.replica.read(request, given) }),
        apply: (request, given) =>
          call('apply', name, { call: given, run: ({ node }) => node.replica.apply(request, given) }),
        scan: (request, given) =>
          call('scan', name, { call: given, run: ({ node }) => node.replica.scan(request, given) }),
        handOff: async (records, given) => {
          if (!this.#handsOff) throw new ReplicaFailed('refused', 'nothing is handed off here');
          const run = ({ node }: Seat) => node.replica.handOff(records, given);
          return await call('handOff', name, { call: given, run });
        },
      }),
      coordinator: (name): Requests => ({
        get: (request, given) =>
          call('get', name, { call: given, run: ({ node }) => node.handedOn.get(request, given) }),
        put: (request, given) =>
          call('put', name, { call: given, run: ({ node }) => node.handedOn.put(request, given) }),
        delete: (request, given) =>
          call('delete', name, { call: given, run: ({ node }) => node.handedOn.delete(request, given) }),
      }),
      comparisons: (name): Comparisons => {
        const there = ({ node }: Seat) => node.comparisons(nodeName(from.options.name));
        return {
          sums: (mine, given) =>
            call('sums', name, { call: given, run: seat => there(seat).sums(mine, given) }),
          nodes: (mine, given) =>
            call('nodes', name, { call: given, run: seat => there(seat).nodes(mine, given) }),
          keys: (mine, given) =>
            call('keys', name, { call: given, run: seat => there(seat).keys(mine, given) }),
          records: (places, given) =>
            call('records', name, { call: given, run: seat => there(seat).records(places, given) }),
        };
      },
      gossiper: name => ({
        gossip: (said, given) =>
          report(name, () =>
            this.#within(given, async () =>
              answered(to(name), async ({ node }) => node.gossip.hear(said, hooks.stamp(name))),
            ),
          ),
        probe: (target, given) =>
          report(name, () =>
            this.#within(given, async () =>
              answered(to(name), ({ node }) => node.gossip.probe(target, hooks.stamp(name), given)),
            ),
          ),
      }),
      at: (address): Meeting => ({
        meet: (greeting, given) =>
          this.#within(given, async () =>
            answered(to(address.split(':')[0]!), seat => seat.node.meeting.meet(greeting, given)),
          ),
      }),
      kick: () => {},
      close: () => {},
    };
  }

  #reach(from: Seat, name: string): Seat {
    const seat = this.#seats.get(name);
    if (seat === undefined || seat.state === 'stopped')
      throw new ReplicaFailed('not sent', `${name} is down`);
    if (from.state === 'stopped') throw new ReplicaFailed('not sent', 'the caller is down');
    if (this.#cuts.has(`${from.options.name}>${name}`)) throw new ReplicaFailed('not sent', 'the way is cut');
    return seat;
  }

  #within<T>(call: Call, run: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = this.clock.after(call.deadline - this.clock.now(), () =>
        reject(new ReplicaFailed('lost', 'no answer in time')),
      );
      run()
        .then(resolve, reject)
        .finally(() => timer.cancel());
    });
  }
}

export function emptyDisk(): Disk {
  return {
    store: new MemoryStore(),
    identity: new MemoryFile(),
    cluster: new MemoryFile(),
    floor: new MemoryFloor(),
  };
}

function answered<T>(seat: Seat, run: (seat: Seat) => Promise<T>): Promise<T> {
  return seat.state === 'paused' ? new Promise(() => {}) : run(seat);
}
