/**
 * All that lies between the processes of a run: who listens where, one {@link Link} for each way between two
 * machines, and the faults on them. Nodes talk over streams, as production's do (src/link over
 * connection.ts); clients over streams or by unary calls, which go through the very door that gRPC's would
 * (src/rpc/serving.ts). What befalls a message is decided in link.ts, what callers are told of it in
 * outgoing-call.ts and stream-end.ts.
 */
import type { SeededRandom } from '../../../src/base/random.ts';
import type { OpenDuplex } from '../../../src/ports/duplex.ts';
import type { NetworkPlan, Way } from '../plan.ts';
import type { Process } from '../time/process.ts';
import type { World } from '../time/world.ts';
import { brings } from './brings.ts';
import { type Accept, openConnection } from './connection.ts';
import { keyOf } from './key-of.ts';
import { Link } from './link.ts';
import type { LinkFault } from './link-state.ts';
import { Listener, type Services } from './listener.ts';
import { OutgoingCall, type OutgoingParts } from './outgoing-call.ts';
import { isRepeatable } from './repeatable.ts';
import type { ServedCall, Watch } from './served-call.ts';
import { Traffic } from './traffic.ts';
import { type Outgoing, UnaryChannel } from './unary-channel.ts';
import type { OnEnding } from './watched-channel.ts';

export type { ServedCall } from './served-call.ts';

export interface NetworkOptions {
  readonly world: World;
  readonly random: SeededRandom;
  readonly plan: NetworkPlan;
  /** Told of whatever befalls a message. */
  readonly count?: (what: string) => void;
}

/** A port: what stands before the colon of its address, as in `n1:peer`, is what a {@link Way} names. */
export interface Port {
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
  /** What is lost is sent again so much later, each time twice as late; undefined: it is lost for good. */
  readonly sentAgainAfterMs?: number;
}

/** A call that is asked for, whatever carries it. */
interface Asked {
  readonly from: Process;
  readonly address: string;
  readonly method: string;
  readonly bytes: number;
  readonly message: () => unknown;
}

/** A request over a stream, or its answer. */
export interface Carried extends Way {
  readonly method: string;
  /** Encoded; without the frame. */
  readonly bytes: number;
}

export class Network {
  readonly #options: NetworkOptions;
  readonly #listeners = new Map<string, Listener>();
  readonly #links = new Map<string, Link>();
  readonly #traffic = new Traffic();
  readonly #onServed: ((served: ServedCall) => void)[] = [];
  readonly #onCarried: ((carried: Carried) => void)[] = [];
  #changes = 0;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** Serves one service more at an address; a process that is gone makes room for the next. */
  listen<Definition extends object>(port: Port, services: Services<Definition>): void {
    this.#listenerFor(port).add(services);
  }

  /** Takes the streams that are opened to an address. */
  listenForStreams(port: Port, accept: Accept): void {
    this.#listenerFor(port).accept = accept;
  }

  unary(route: Route): UnaryChannel {
    const begin = (outgoing: Outgoing, onEnd: OutgoingParts['onEnd']) => this.#begin(route, outgoing, onEnd);
    return new UnaryChannel({ from: route.from, begin });
  }

  stream({ from, address }: Route): OpenDuplex {
    const { world, random, count = () => {} } = this.#options;
    const to = nameOf(address);
    const ways = { out: `${from.name}>${to} frame`, back: `${to}>${from.name} frame` };
    return openConnection({
      world,
      random,
      from,
      count,
      out: this.#link(from.name, to),
      back: this.#link(to, from.name),
      host: () => this.#listenerAt(address),
      note: (way, frame) => {
        world.trace.note(world.now, { about: 'message', text: ways[way] });
        world.trace.bytes(frame);
      },
    });
  }

  /** A call is asked for over a stream. @returns to be called once, with how it ended */
  asked(asked: Asked): OnEnding {
    const { from, address, method, bytes } = asked;
    const to = nameOf(address);
    const ended = this.#traffic.began({ from: from.name, to, method });
    const call = `${from.name}>${to} ${method} ${this.calls}`;
    const key = this.#keyOf(asked.message);
    this.#note(key, `${call} is asked`);
    this.#tellBrought(call, asked.message);
    return (how, ending) => {
      ended();
      if (ending?.kind !== 'not sent') this.#tellCarried({ from: from.name, to, method, bytes });
      if (ending !== undefined && 'body' in ending)
        this.#tellCarried({ from: to, to: from.name, method, bytes: ending.body.length });
      this.#note(key, `${call} ${how}`);
    };
  }

  /** What the methods behind a port of that process tell of the calls that they serve. */
  watch(process: Process): Watch {
    return {
      process,
      onArrived: (method, message) =>
        this.#note(
          this.#keyOf(() => message),
          `${process.name} reads ${method}`,
        ),
      onServed: served => {
        for (const action of this.#onServed) action(served);
      },
    };
  }

  /** Nothing gets through on these ways until it is undone. */
  cut(ways: readonly Way[]): () => void {
    return this.#fault(ways, { kind: 'cut' });
  }

  /** Everything on these ways waits until it is undone, and then arrives in order. */
  clog(ways: readonly Way[]): () => void {
    return this.#fault(ways, { kind: 'clog' });
  }

  weather({ ways, loss, duplicate, jitterMs, sentAgainAfterMs }: Weather): () => void {
    return this.#fault(ways, { kind: 'weather', loss, duplicate, jitterMs, sentAgainAfterMs });
  }

  /** How often a fault began or ended. */
  get changes(): number {
    return this.#changes;
  }

  /** No fault lies on any of these ways; of all ways, if none is given. */
  isClear(ways?: readonly Way[]): boolean {
    const links = ways?.map(({ from, to }) => this.#link(from, to)) ?? [...this.#links.values()];
    return links.every(link => link.isClear);
  }

  get isStormy(): boolean {
    return [...this.#links.values()].some(link => link.isStormy);
  }

  /** Undoes every fault. */
  healAll(): void {
    this.#changes += 1;
    for (const link of this.#links.values()) link.heal();
  }

  /** How many calls of that method were asked for so far by anybody: `Apply`, `Put` … */
  sent(method: string): number {
    return this.#traffic.sent(method);
  }

  /** How many calls were asked for so far. */
  get calls(): number {
    return this.#traffic.calls;
  }

  /** How many calls of that one to the other have not ended. */
  underWay(way: Way): number {
    return this.#traffic.underWay(way);
  }

  /** Whether a call of that method has not ended, from that one or to it. */
  isUnderWay(method: string, way: Partial<Way>): boolean {
    return this.#traffic.isUnderWay({ method, ...way });
  }

  /** Tells of every request and answer over streams that was sent, when all is over. */
  onCarried(action: (carried: Carried) => void): void {
    this.#onCarried.push(action);
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
    const ended = this.#traffic.began({ from: from.name, to, method });
    this.#tellBrought(`${from.name}>${to} ${method} ${this.calls}`, () => message);
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
        ended();
        onEnd(end);
      },
    });
  }

  #tellCarried(carried: Carried): void {
    for (const action of this.#onCarried) action(carried);
  }

  #tellBrought(call: string, message: () => unknown): void {
    const { world } = this.#options;
    world.trace.aside(world.now, () => {
      const read = message();
      const brought = brings(read);
      const line = { about: 'message' as const, key: keyOf(read), text: `${call} brings ${brought}` };
      return brought === undefined ? [] : [line];
    });
  }

  #notes(call: {
    readonly from: string;
    readonly to: string;
    readonly method: string;
    readonly key: string | undefined;
  }): OutgoingParts['note'] {
    const { from, to, key } = call;
    const what = `${call.method} ${this.calls}`;
    return (way, said, bytes) => {
      const ways = way === 'out' ? `${from}>${to}` : `${to}>${from}`;
      this.#note(key, `${ways} ${what} ${said}`);
      if (bytes !== undefined) this.#options.world.trace.bytes(bytes);
    };
  }

  #note(key: string | undefined, text: string): void {
    const { world } = this.#options;
    world.trace.note(world.now, { about: 'message', key, text });
  }

  /** It is not in the hash: to read it in every run would cost too much. */
  #keyOf(message: () => unknown): string | undefined {
    return this.#options.world.trace.isRead ? keyOf(message()) : undefined;
  }

  #listenerFor({ address, process }: Port): Listener {
    const known = this.#listeners.get(address);
    if (known?.process === process) return known;
    const listener = new Listener({ ...this.watch(process), onArrived: () => {} });
    this.#listeners.set(address, listener);
    return listener;
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
    this.#changes += 1;
    for (const link of links) link.begin(fault);
    return () => {
      this.#changes += 1;
      for (const link of links) link.end(fault);
    };
  }
}

function nameOf(address: string): string {
  const colon = address.indexOf(':');
  return colon === -1 ? address : address.slice(0, colon);
}
