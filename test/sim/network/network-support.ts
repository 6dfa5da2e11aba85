/**
 * Processes with the peer service on a simulated network, whose handlers do what a test says, and a log of
 * what reached them.
 */
import { Buffer } from 'node:buffer';
import type { ServiceError } from '@grpc/grpc-js';
import { SeededRandom } from '../../../src/base/random.ts';
import type { PeerDefinition } from '../../../src/gen/shoal/peer/v1/Peer.ts';
import type { Call } from '../../../src/ports/call.ts';
import type { Channel, Sendable } from '../../../src/rpc/channel.ts';
import { Gate } from '../../../src/rpc/gate.ts';
import { replicaFailure } from '../../../src/rpc/replica-failure.ts';
import type { Methods } from '../../../src/rpc/service.ts';
import type { Door, Method } from '../../../src/rpc/serving.ts';
import { StallWatch } from '../../../src/rpc/stall.ts';
import { loadProtos } from '../../../src/wire/protos.ts';
import { KeptLog } from '../../support/quiet.ts';
import type { NetworkPlan, Way } from '../plan.ts';
import { MachineClock } from '../time/machine-clock.ts';
import { Process } from '../time/process.ts';
import { World } from '../time/world.ts';
import { Trace } from '../trace.ts';
import { Network } from './network.ts';

export const protos = loadProtos();
/** Every message takes exactly so long. */
export const STEADY: NetworkPlan = { delayMs: { min: 10, usual: 10 }, slowShare: 0 };

export interface Read {
  readonly by: string;
  readonly method: string;
  readonly key: string;
  readonly at: number;
  readonly call: Call;
}

/** What became of a call. */
export interface Outcome {
  readonly key: string;
  readonly at: number;
  /** Of the reply. */
  readonly digest: string | undefined;
  readonly error: ServiceError | undefined;
}

export interface Node {
  readonly process: Process;
  readonly channel: (to: string) => Channel;
}

interface Keyed {
  readonly key?: string;
  readonly put?: { readonly key?: string };
  readonly delete?: { readonly key?: string };
}

const METHODS = ['Read', 'Apply', 'Scan', 'HandOnPut', 'HandOnDelete', 'Meet'];

export class TestNetwork {
  readonly world = new World(new Trace({ keep: true }));
  readonly network: Network;
  /** What handlers got, in order. */
  readonly read: Read[] = [];
  /** What callers were told, in order. */
  readonly outcomes: Outcome[] = [];
  /** What the handlers do; by default they answer at once with the key. */
  handle: (read: Read) => Promise<void> | void = () => {};

  constructor({ seed = 1, plan = STEADY }: { seed?: number; plan?: NetworkPlan } = {}) {
    this.network = new Network({ world: this.world, random: new SeededRandom(seed), plan });
  }

  /** A process that calls and, unless told otherwise, listens. */
  start(name: string, { listens = true, rate = 1 } = {}): Node {
    const clock = new MachineClock({ world: this.world, rate, wallOffMs: 0 });
    const process = new Process({ world: this.world, name, clock });
    if (listens) {
      const door = this.#door(process);
      const methods = this.#methods(name);
      this.network.listen({ address: `${name}:peer`, process, definition: protos.peer, methods, door });
    }
    return { process, channel: to => this.network.connect({ from: process, address: `${to}:peer` }) };
  }

  /** Calls, and notes what becomes of it. */
  ask(
    { process, channel }: Node,
    to: string,
    { key, ms = 1_000, via = channel(to) }: { key: string; ms?: number; via?: Channel },
  ): Promise<Outcome> {
    return this.send(process, { via, method: protos.peer.Read, message: { key }, ms });
  }

  async send<I extends object>(
    from: Process,
    {
      via,
      method,
      message,
      ms,
    }: { via: Channel; method: Sendable<I, object>; message: I & Keyed; ms: number },
  ): Promise<Outcome> {
    const call = { deadline: from.clock.now() + ms, cancelled: false };
    const end = await via.send(method, message, call).then(
      reply => ({ digest: digestOf(reply), error: undefined }),
      error => ({ digest: undefined, error: error as ServiceError }),
    );
    const outcome = { key: keyOf(message), at: this.world.now, ...end };
    this.outcomes.push(outcome);
    return outcome;
  }

  pass(ms: number): Promise<boolean> {
    return this.world.run({ until: () => false, ms });
  }

  /** The keys that were read, in order. */
  get keysRead(): readonly string[] {
    return this.read.map(({ key }) => key);
  }

  #methods(by: string): Methods<PeerDefinition> {
    const methods = METHODS.map(name => [name, this.#method(by, name)]);
    return Object.fromEntries(methods) as Methods<PeerDefinition>;
  }

  #method(by: string, name: string): Method<Keyed, object> {
    return {
      name,
      write: false,
      failure: replicaFailure,
      answer: async (message, call) => {
        const read = { by, method: name, key: keyOf(message), at: this.world.now, call };
        this.read.push(read);
        await this.handle(read);
        return { digest: Buffer.from(read.key) };
      },
    };
  }

  #door({ clock }: Process): Door {
    const onBug = (bug: Error) => {
      throw bug;
    };
    const gate = new Gate({ calls: 1_000, bytes: 1_000_000 });
    return { protos, clock, log: new KeptLog(), gate, stalls: new StallWatch(clock), onBug };
  }
}

/** Both ways between two. */
export function both(a: string, b: string): readonly Way[] {
  return [
    { from: a, to: b },
    { from: b, to: a },
  ];
}

export function numbers(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `k${i}`);
}

function keyOf({ key, put, delete: deleted }: Keyed): string {
  return put?.key ?? deleted?.key ?? key ?? '';
}

function digestOf(reply: object): string {
  return 'digest' in reply ? Buffer.from(reply.digest as Uint8Array).toString() : '';
}
