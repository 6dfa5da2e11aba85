/**
 * Processes with KV on a simulated network, whose handlers do what a test says, and a log of
 * what reached them.
 */
import { Buffer } from 'node:buffer';
import { SeededRandom } from '../../../src/base/random.ts';
import type { KVDefinition } from '../../../src/gen/shoal/v1/KV.ts';
import type { Call } from '../../../src/ports/call.ts';
import { Gate } from '../../../src/rpc/gate.ts';
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
import type { CallFailed } from './statuses.ts';
import type { Sendable, UnaryChannel } from './unary-channel.ts';

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
  /** What the reply says. */
  readonly said: string | undefined;
  readonly error: Error | undefined;
  /** Of the error, if the network or the other side made it. */
  readonly code: number | undefined;
}

export interface Node {
  readonly process: Process;
  readonly channel: (to: string) => UnaryChannel;
}

interface Keyed {
  readonly key?: string;
}

const LIMITS = { calls: 1_000, bytes: 1_000_000, begun: { first: 1_000, min: 1_000, max: 1_000 } };
const METHODS = ['Get', 'Put', 'Delete'];

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
      this.network.listen(
        { address: `${name}:client`, process },
        { definition: protos.kv, methods, door, protos },
      );
    }
    return { process, channel: to => this.network.unary({ from: process, address: `${to}:client` }) };
  }

  /** Calls, and notes what becomes of it. */
  ask(
    { process, channel }: Node,
    to: string,
    { key, ms = 1_000, via = channel(to) }: { key: string; ms?: number; via?: UnaryChannel },
  ): Promise<Outcome> {
    return this.send(process, { via, method: protos.kv.Get, message: { key }, ms });
  }

  async send<I extends object>(
    from: Process,
    {
      via,
      method,
      message,
      ms,
    }: { via: UnaryChannel; method: Sendable<I, object>; message: I & Keyed; ms: number },
  ): Promise<Outcome> {
    const call = { deadline: from.clock.now() + ms, cancelled: false };
    const end = await via.send(method, message, call).then(
      reply => ({ said: textOf(reply), error: undefined, code: undefined }),
      (error: CallFailed) => ({ said: undefined, error, code: error.status.code }),
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

  #methods(by: string): Methods<KVDefinition> {
    const methods = METHODS.map(name => [name, this.#method(by, name)]);
    return Object.fromEntries(methods) as Methods<KVDefinition>;
  }

  #method(by: string, name: string): Method<Keyed, object> {
    return {
      name,
      write: false,
      answer: async (message, call) => {
        const read = { by, method: name, key: keyOf(message), at: this.world.now, call };
        this.read.push(read);
        await this.handle(read);
        return { context: Buffer.from(read.key) };
      },
    };
  }

  #door({ clock, turns }: Process): Door {
    const onBug = (bug: Error) => {
      throw bug;
    };
    const stalls = new StallWatch(clock);
    const gate = new Gate({ limits: LIMITS, clock, turns, stalls });
    return { clock, log: new KeptLog(), gate, stalls, onBug };
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

function keyOf({ key = '' }: Keyed): string {
  return key;
}

function textOf(reply: object): string {
  return 'context' in reply ? Buffer.from(reply.context as Uint8Array).toString() : '';
}
