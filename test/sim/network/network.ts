/**
 * All that lies between the processes of a run: who listens where, one {@link Link} for each way between two
 * machines, and the faults on them. Every message is encoded and decoded by the proto definitions, and an
 * arrival goes through the very door that gRPC's would (src/rpc/serving.ts). What a caller and a server are
 * told in each case is decided in outgoing-call.ts and listener.ts, what befalls a message in link.ts.
 */
import type { SeededRandom } from '../../../src/base/random.ts';
import type { Channel } from '../../../src/rpc/channel.ts';
import type { NetworkPlan, Way } from '../plan.ts';
import type { Process } from '../time/process.ts';
import type { World } from '../time/world.ts';
import { brings } from './brings.ts';
import type { ServedCall } from './incoming-call.ts';
import { keyOf } from './key-of.ts';
import { Link } from './link.ts';
import type { LinkFault } from './link-state.ts';
import { Listener, type Services } from './listener.ts';
import { OutgoingCall, type OutgoingParts } from './outgoing-call.ts';
import { isRepeatable } from './repeatable.ts';
import { type Outgoing, SimChannel } from './sim-channel.ts';
import { Traffic } from './traffic.ts';

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
  readonly #traffic = new Traffic();
  readonly #onServed: ((served: ServedCall) => void)[] = [];

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
    return this.#traffic.sent(method);
  }

  /** How many calls were sent so far. */
  get calls(): number {
    return this.#traffic.calls;
  }

  /** How many calls that one sent to the other have not ended. */
  underWay({ from, to }: Way): number {
    return this.#traffic.underWay(`${from}>${to}`);
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
    const way = `${from.name}>${to}`;
    this.#traffic.began({ way, method });
    this.#tellBrought(`${way} ${method} ${this.calls}`, message);
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
        this.#traffic.ended(way);
        onEnd(end);
      },
    });
  }

  #tellBrought(call: string, message: unknown): void {
    const { world } = this.#options;
    world.trace.aside(world.now, () => {
      const brought = brings(message);
      const line = { about: 'message' as const, key: keyOf(message), text: `${call} brings ${brought}` };
      return brought === undefined ? [] : [line];
    });
  }

  #notes(call: {
    readonly from: string;
    readonly to: string;
    readonly method: string;
    readonly key: string | undefined;
  }): OutgoingParts['note'] {
    const { world } = this.#options;
    const { from, to, key } = call;
    const what = `${call.method} ${this.calls}`;
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
