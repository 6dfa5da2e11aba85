/**
 * The other nodes, over gRPC (src/ports/peers.ts): one channel an address, and for each node its replica and
 * its coordinator, and the member to gossip with. How every call went is reported to the node, which judges
 * by it who is reachable; nothing of that is decided here.
 */
import type { NodeName } from '../base/ids.ts';
import { NODES_MAX } from '../core/limits.ts';
import type { Call } from '../ports/call.ts';
import type { Comparisons } from '../ports/comparisons.ts';
import type { Gossiper } from '../ports/gossip.ts';
import type { Greeting, Meeting } from '../ports/meeting.ts';
import type { RemoteHooks, Remotes } from '../ports/peers.ts';
import { type Failure, type Replica, ReplicaFailed } from '../ports/replica.ts';
import type { Requests } from '../ports/requests.ts';
import { greetingMessage, readGreeting } from '../wire/greeting.ts';
import type { Messages } from '../wire/messages.ts';
import { StampWriter } from '../wire/stamp.ts';
import type { Channel } from './channel.ts';
import { PeerLine } from './peer-line.ts';
import { type PeerProtocol, peerProtocol } from './peer-protocol.ts';
import { RemoteComparisons } from './remote-comparisons.ts';
import { RemoteCoordinator } from './remote-coordinator.ts';
import { RemoteGossiper } from './remote-gossiper.ts';
import { RemoteReplica, replicaFailed, understood } from './remote-replica.ts';
import { Traffic } from './traffic.ts';

export interface RemotesOptions {
  readonly messages: Messages;
  /** Opens the channel to an address. */
  readonly connect: (address: string) => Channel;
  readonly hooks: RemoteHooks;
  /** How many addresses to keep a channel for. */
  readonly channelsMax?: number;
}

/**
 * All members, and as many strangers. Addresses to greet come from greetings, so there may be any number of
 * them: 1. somebody names new ones in every greeting; 2. this node greets them all; 3. each would keep a
 * channel, and its socket, for ever.
 */
const CHANNELS_MAX = 2 * NODES_MAX;

export class GrpcRemotes implements Remotes {
  readonly traffic = new Traffic();
  readonly #options: RemotesOptions;
  readonly #protocol: PeerProtocol;
  /** The one used last is last. */
  readonly #channels = new Map<string, Channel>();
  /** No longer used, with calls still under way. */
  readonly #retired = new Set<Channel>();
  readonly #remotes = new Map<NodeName, Remote>();
  #closed = false;

  constructor(options: RemotesOptions) {
    this.#options = options;
    this.#protocol = peerProtocol(options.messages);
  }

  replica(node: NodeName): Replica {
    return this.#remote(node).replica;
  }

  coordinator(node: NodeName): Requests {
    return this.#remote(node).coordinator;
  }

  comparisons(node: NodeName): Comparisons {
    return this.#remote(node).comparisons;
  }

  gossiper(node: NodeName): Gossiper {
    return this.#remote(node).gossiper;
  }

  suspect(node: NodeName): boolean {
    const address = this.#options.hooks.addressOf(node);
    return address !== undefined && (this.#channels.get(address)?.suspect ?? false);
  }

  /** How many of those it has spoken to are. */
  get suspects(): number {
    return [...this.#remotes.keys()].filter(node => this.suspect(node)).length;
  }

  at(peerAddress: string): Meeting {
    const { messages } = this.#options;
    const channel = () => this.#channel(peerAddress);
    const meet = async (greeting: Greeting, call: Call) => {
      let isNobodyThere = false;
      const failed = (failure: Failure) => {
        isNobodyThere = failure === 'not sent';
      };
      const shared = { messages, protocol: this.#protocol, traffic: this.traffic };
      const line = new PeerLine({ ...shared, channel, heard: () => {}, failed });
      return greet(line, greeting, call).catch(error => {
        throw isNobodyThere ? error : doubted(error);
      });
    };
    return { meet };
  }

  /** A fresh connection to that node from the next call on: for when it is known to be back (DESIGN §7). */
  kick(node: NodeName): void {
    const address = this.#options.hooks.addressOf(node);
    if (address !== undefined) this.#retire(address);
  }

  close(): void {
    this.#closed = true;
    for (const channel of [...this.#channels.values(), ...this.#retired]) channel.close();
    this.#channels.clear();
  }

  #remote(node: NodeName): Remote {
    const known = this.#remotes.get(node);
    if (known !== undefined) return known;
    const { messages, hooks } = this.#options;
    const line = this.#line(node);
    const stamps = new StampWriter(messages);
    const stamp = () => stamps.bytesOf(hooks.stamp(node));
    const remote = {
      replica: new RemoteReplica(line, stamp),
      coordinator: new RemoteCoordinator(line, stamp),
      comparisons: new RemoteComparisons(line, stamp),
      gossiper: new RemoteGossiper(line, stamp),
    };
    this.#remotes.set(node, remote);
    return remote;
  }

  #line(node: NodeName): PeerLine {
    const { messages, hooks } = this.#options;
    return new PeerLine({
      messages,
      protocol: this.#protocol,
      traffic: this.traffic,
      channel: () => {
        const address = hooks.addressOf(node);
        return address === undefined ? undefined : this.#channel(address);
      },
      heard: () => hooks.heard(node),
      failed: failure => hooks.failed(node, failure),
    });
  }

  #channel(address: string): Channel | undefined {
    if (this.#closed) return undefined;
    const known = this.#channels.get(address);
    // Which was used last matters only where there may be too many.
    if (known !== undefined && this.#channels.size <= this.#channelsMax / 2) return known;
    const channel = known ?? this.#options.connect(address);
    this.#channels.delete(address);
    this.#channels.set(address, channel);
    const [oldest] = this.#channels.keys();
    if (this.#channels.size > this.#channelsMax) this.#retire(oldest!);
    return channel;
  }

  get #channelsMax(): number {
    return this.#options.channelsMax ?? CHANNELS_MAX;
  }

  #retire(address: string): void {
    const old = this.#channels.get(address);
    if (old === undefined) return;
    this.#channels.delete(address);
    this.#retired.add(old);
    old.retire(() => this.#retired.delete(old));
  }
}

interface Remote {
  readonly replica: RemoteReplica;
  readonly coordinator: RemoteCoordinator;
  readonly comparisons: RemoteComparisons;
  readonly gossiper: RemoteGossiper;
}

async function greet(line: PeerLine, greeting: Greeting, call: Call): Promise<Greeting> {
  const message = { greeting: greetingMessage(greeting) };
  const reply = await line.ask(line.protocol.Meet, message, call).catch(replicaFailed);
  return understood(readGreeting(reply.greeting));
}

/**
 * A greeting that did not leave for a reason of this side's says nothing of who is there, and `lost` says
 * just that.
 */
function doubted(error: unknown): unknown {
  const isDoubtful = error instanceof ReplicaFailed && error.failure === 'not sent';
  return isDoubtful ? new ReplicaFailed('lost', error.message, { cause: error }) : error;
}
