/**
 * Whole nodes in one process, each on a store in memory, talking by direct calls that can be cut: for tests of what engines do together.
 * The simulator does this with virtual time and every message encoded; here time is real and nothing is encoded.
 *
 *   cluster.stop('n2')    nobody listens there any more (calls are `not sent`); kill -9 as its disk sees it
 *   cluster.pause('n2')   it takes calls and never answers (SIGSTOP)
 *   cluster.restart('n2') on what its disk holds; `wiped: true` on an empty one
 */
import { onTestFinished } from 'vitest';
import type { StartUpError } from '../../src/base/errors.ts';
import { nodeName } from '../../src/base/ids.ts';
import { type Node, type NodeOptions, openNode } from '../../src/node.ts';
import type { Call } from '../../src/ports/call.ts';
import type { Meeting } from '../../src/ports/meeting.ts';
import type { RemoteHooks, Remotes } from '../../src/ports/peers.ts';
import { type Replica, ReplicaFailed } from '../../src/ports/replica.ts';
import type { Requests } from '../../src/ports/requests.ts';
import { systemClock } from '../../src/system/clock.ts';
import { Counters } from '../../src/system/counters.ts';
import { systemRandom } from '../../src/system/random.ts';
import { MemoryFile, MemoryFloor } from './memory-file.ts';
import { MemoryStore } from './memory-store.ts';
import { KeptLog } from './quiet.ts';

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
}

export type SeatOptions = Partial<Omit<NodeOptions, 'name'>>;

export class TestCluster {
  readonly #seats = new Map<string, Seat>();

  /** Nodes n1 … nN that found one cluster and serve. */
  static async serving(size: number): Promise<TestCluster> {
    const cluster = new TestCluster();
    onTestFinished(() => cluster.end());
    for (let i = 1; i <= size; i++)
      await cluster.add(`n${i}`, { expect: size, join: i === 1 ? [] : ['n1:peer'] });
    await until(() => cluster.names.every(name => cluster.isServing(name)), 'all nodes serve');
    await until(
      () => cluster.names.every(name => cluster.names.every(other => cluster.sees(name, other))),
      'all see each other',
    );
    return cluster;
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
    };
    this.#seats.set(name, seat);
    seat.node = await openNode(all, {
      ...disk,
      clock: systemClock,
      random: systemRandom,
      log: seat.log,
      metrics: new Counters(),
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

  async restart(name: string, { wiped = false } = {}): Promise<void> {
    const { options, disk } = this.seat(name);
    await this.add(
      name,
      { ...options, join: this.names.map(other => `${other}:peer`) },
      wiped ? emptyDisk() : disk,
    );
    await until(() => this.isServing(name), `${name} serves again`);
  }

  async end(): Promise<void> {
    for (const seat of this.#seats.values()) {
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
        if (error instanceof ReplicaFailed) hooks.failed(nodeName(name), error.failure);
        throw error;
      }
    };
    const admitted = (name: string): Seat => {
      const seat = to(name);
      const refusal = seat.node.admit(hooks.stamp(nodeName(name)));
      if (refusal !== undefined) throw new ReplicaFailed('refused', refusal);
      return seat;
    };
    const call = <T>(name: string, given: Call, run: (seat: Seat) => Promise<T>) =>
      report(name, () => within(given, async () => answered(admitted(name), run)));
    return {
      replica: (name): Replica => ({
        read: (request, given) => call(name, given, seat => seat.node.replica.read(request, given)),
        apply: (request, given) => call(name, given, seat => seat.node.replica.apply(request, given)),
        scan: (request, given) => call(name, given, seat => seat.node.replica.scan(request, given)),
      }),
      coordinator: (name): Requests => ({
        get: (request, given) => call(name, given, seat => seat.node.handedOn.get(request, given)),
        put: (request, given) => call(name, given, seat => seat.node.handedOn.put(request, given)),
        delete: (request, given) => call(name, given, seat => seat.node.handedOn.delete(request, given)),
      }),
      at: (address): Meeting => ({
        meet: (greeting, given) =>
          within(given, async () =>
            answered(to(address.split(':')[0]!), seat => seat.node.meeting.meet(greeting, given)),
          ),
      }),
      close: () => {},
    };
  }

  #reach(from: Seat, name: string): Seat {
    const seat = this.#seats.get(name);
    if (seat === undefined || seat.state === 'stopped')
      throw new ReplicaFailed('not sent', `${name} is down`);
    if (from.state === 'stopped') throw new ReplicaFailed('not sent', 'the caller is down');
    return seat;
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

/** A call with so much time. */
export function callFor(ms: number): Call {
  return { deadline: systemClock.now() + ms, cancelled: false };
}

/** Resolves when it holds; rejects after 5 s with what was awaited. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const end = systemClock.now() + 5_000;
  while (!holds()) {
    if (systemClock.now() > end) throw new Error(`in vain awaited: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

function answered<T>(seat: Seat, run: (seat: Seat) => Promise<T>): Promise<T> {
  return seat.state === 'paused' ? new Promise(() => {}) : run(seat);
}

async function within<T>(call: Call, run: () => Promise<T>): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const timer = systemClock.after(call.deadline - systemClock.now(), () =>
      reject(new ReplicaFailed('lost', 'no answer in time')),
    );
    run()
      .then(resolve, reject)
      .finally(() => timer.cancel());
  });
}
