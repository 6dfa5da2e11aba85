/**
 * All that lies between the processes of a run: who listens where, one {@link Link} for each way between two machines, and the faults on them.
 * Every message is encoded and decoded by the proto definitions, and an arrival goes through the very door that gRPC's would (src/rpc/serving.ts).
 * What a caller and a server are told in each case is decided in outgoing-call.ts and listener.ts, what befalls a message in link.ts.
 */
import type { SeededRandom } from '../../../src/base/random.ts';
import type { Channel } from '../../../src/rpc/channel.ts';
import type { NetworkPlan, Way } from '../plan.ts';
import type { Process } from '../time/process.ts';
import type { World } from '../time/world.ts';
import type { ServedCall } from './incoming-call.ts';
import { Link, type LinkFault } from './link.ts';
import { Listener, type Services } from './listener.ts';
import { OutgoingCall, type OutgoingParts } from './outgoing-call.ts';
import { isRepeatable } from './repeatable.ts';
import { type Outgoing, SimChannel } from './sim-channel.ts';

export type { ServedCall } from './incoming-call.ts';

export interface NetworkOptions {
  readonly world: World;
  readonly random: SeededRandom;
  readonly plan: NetworkPlan;
  /** Told of whatever befalls a message. */
  readonly count?: (what: string) => void;
}

export interface Listening<Definition> extends Services<Definition> {
  /** `n1:peer`: what stands before the colon is what a {@link Way} names. */
  readonly address: string;
  readonly process: Process;
}

export interface Route {
  readonly from: Process;
  readonly address: string;
}

export interface Weather {
  readonly ways: readonly Way[];
  /** Shares of messages. */
  readonly loss: number;
  readonly duplicate: number;
  /** Up to so much longer, each message by itself. */
  readonly jitterMs: number;
}

export class Network {
  readonly #options: NetworkOptions;
  readonly #listeners = new Map<string, Listener>();
  readonly #links = new Map<string, Link>();
  /** By way: calls that have not ended for their caller. */
  readonly #underWay = new Map<string, number>();
  readonly #sent = new Map<string, number>();
  readonly #onServed: ((served: ServedCall) => void)[] = [];
  #calls = 0;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** Serves one service more at an address; a process that is gone makes room for the next. */
  listen<Definition extends object>({ address, process, ...services }: Listening<Definition>): void {
    const known = this.#listeners.get(address);
    const listener =
      known?.process === process ? known : new Listener({ process, onServed: served => this.#tell(served) });
    this.#listeners.set(address, listener);
    listener.add(services);
  }

  connect(route: Route): Channel {
    const begin = (outgoing: Outgoing, onEnd: OutgoingParts['onEnd']) => this.#begin(route, outgoing, onEnd);
    return new SimChannel({ from: route.from, begin });
  }

  /** Nothing gets through on these ways until it is undone. */
  cut(ways: readonly Way[]): () => void {
    return this.#fault(ways, { kind: 'cut' });
  }

  /** Everything on these ways waits until it is undone, and then arrives in order. */
  clog(ways: readonly Way[]): () => void {
    return this.#fault(ways, { kind: 'clog' });
  }

  weather({ ways, loss, duplicate, jitterMs }: Weather): () => void {
    return this.#fault(ways, { kind: 'weather', loss, duplicate, jitterMs });
  }

  /** Undoes every fault. */
  healAll(): void {
    for (const link of this.#links.values()) link.heal();
  }

  /** How many calls of that method were sent so far by anybody: `Apply`, `Put` … */
  sent(method: string): number {
    return this.#sent.get(method) ?? 0;
  }

  /** How many calls were sent so far. */
  get calls(): number {
    return this.#calls;
  }

  /** How many calls that one sent to the other have not ended. */
  underWay(from: string, to: string): number {
    return this.#underWay.get(`${from}>${to}`) ?? 0;
  }

  /** Tells of every call that was served, when its handler has ended. */
  onServed(action: (served: ServedCall) => void): void {
    this.#onServed.push(action);
  }

  #begin({ from, address }: Route, outgoing: Outgoing, onEnd: OutgoingParts['onEnd']): OutgoingCall {
    const { random } = this.#options;
    const { path, message, bytes, budgetMs } = outgoing;
    const to = nameOf(address);
    const method = path.slice(path.lastIndexOf('/') + 1);
    this.#count({ way: `${from.name}>${to}`, method });
    return new OutgoingCall({
      from,
      address,
      path,
      bytes,
      // As in a grpc-timeout header.
      budgetMs: Math.ceil(budgetMs),
      repeatable: isRepeatable(method, message),
      out: this.#link(from.name, to),
      back: this.#link(to, from.name),
      isConnected: random.chance(0.5),
      listener: () => this.#listenerAt(address),
      note: this.#notes({ from: from.name, to, method, key: keyOf(message) }),
      onEnd: end => {
        this.#underWay.set(`${from.name}>${to}`, this.underWay(from.name, to) - 1);
        onEnd(end);
      },
    });
  }

  #count({ way, method }: { readonly way: string; readonly method: string }): void {
    this.#calls += 1;
    this.#sent.set(method, this.sent(method) + 1);
    this.#underWay.set(way, (this.#underWay.get(way) ?? 0) + 1);
  }

  #notes(call: {
    readonly from: string;
    readonly to: string;
    readonly method: string;
    readonly key: string | undefined;
  }): OutgoingParts['note'] {
    const { world } = this.#options;
    const { from, to, key } = call;
    const what = `${call.method} ${this.#calls}`;
    return (way, said, bytes) => {
      const ways = way === 'out' ? `${from}>${to}` : `${to}>${from}`;
      world.trace.note(world.now, { about: 'message', key, text: `${ways} ${what} ${said}` });
      if (bytes !== undefined) world.trace.bytes(bytes);
    };
  }

  #listenerAt(address: string): Listener | undefined {
    const listener = this.#listeners.get(address);
    return listener?.process.alive === true ? listener : undefined;
  }

  #link(from: string, to: string): Link {
    const name = `${from}>${to}`;
    const link = this.#links.get(name) ?? new Link(this.#options);
    this.#links.set(name, link);
    return link;
  }

  #fault(ways: readonly Way[], fault: LinkFault): () => void {
    const links = ways.map(({ from, to }) => this.#link(from, to));
    for (const link of links) link.begin(fault);
    return () => {
      for (const link of links) link.end(fault);
    };
  }

  #tell(served: ServedCall): void {
    for (const action of this.#onServed) action(served);
  }
}

function nameOf(address: string): string {
  const colon = address.indexOf(':');
  return colon === -1 ? address : address.slice(0, colon);
}

interface MaybeKeyed {
  readonly key?: string;
  readonly put?: MaybeKeyed | null;
  readonly delete?: MaybeKeyed | null;
}

/** For the log. */
function keyOf(message: unknown): string | undefined {
  const { key, put, delete: deleted } = message as MaybeKeyed;
  return key ?? put?.key ?? deleted?.key;
}
