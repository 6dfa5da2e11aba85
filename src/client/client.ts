/** A client of one cluster: the door of the SDK. */
import { checkNames } from '../core/limits.ts';
import { loadProtos, type Protos } from '../wire/protos.ts';
import { parseAddresses, shuffled } from './addresses.ts';
import { Bucket } from './bucket.ts';
import { Caller } from './caller.ts';
import { checkDeadline, checkTransport, type Transport } from './checks.ts';
import { type ClusterStatus, type KeyLocation, readStatus } from './cluster-status.ts';
import { KnownNode } from './known-node.ts';
import { Nodes } from './nodes.ts';
import { type CallOptions, DEADLINE_MS_DEFAULT } from './options.ts';
import { PipelineLine } from './pipeline-line.ts';
import { askRing, RingKeeper } from './ring-keeper.ts';
import { READ, type Session, send } from './session.ts';
import { type Surroundings, SYSTEM } from './surroundings.ts';
import { UnaryLine } from './unary-line.ts';

export interface ConnectOptions {
  /**
   * host:port of some or all nodes, their client ports. Every node serves every key, so one is enough to
   * begin with; several, in case it is down then. From there the client learns of the others and asks those
   * that hold the key, as far as they answer where the cluster says they are; from behind a load balancer or
   * another network it goes on with the addresses given here.
   */
  readonly addresses: string | readonly string[];
  /** For calls that name none, retries included; milliseconds, more than 0. Default 5 000. */
  readonly deadlineMs?: number | undefined;
  /**
   * `pipeline`, the default: one stream to each node, on which requests go in bundles; where no stream can be
   * had (an old node, a proxy), calls by themselves. `unary`: a gRPC call for each request, at some ten times
   * the cost.
   */
  readonly transport?: Transport | undefined;
}

/**
 * Opens a client. Nothing is sent and nothing can fail before the first call, except for:
 * @param options or just the addresses: `connect('127.0.0.1:7400,127.0.0.1:7410')`
 * @throws TypeError when an address is no host:port
 * @throws RangeError when the deadline or the transport is none
 */
export function connect(options: string | readonly string[] | ConnectOptions): Client {
  const { addresses, deadlineMs, transport }: ConnectOptions = isOptions(options)
    ? options
    : { addresses: options };
  return openClient(shuffled(parseAddresses(addresses), SYSTEM.fraction), {
    transport: checkTransport(transport ?? 'pipeline'),
    deadlineMs: checkDeadline(deadlineMs ?? DEADLINE_MS_DEFAULT),
    surroundings: SYSTEM,
  });
}

/** @internal Asks these in this order, as long as there is nothing else to go by. */
export function openClient(
  addresses: readonly string[],
  { transport, ...options }: { transport: Transport; deadlineMs: number; surroundings: Surroundings },
): Client {
  const opened = { protos: theProtos(), surroundings: options.surroundings };
  const onEpoch = (epoch: number): void => keeper.heard(epoch);
  const lineTo = (address: string) =>
    transport === 'unary'
      ? new UnaryLine(address, opened)
      : new PipelineLine(address, { ...opened, onEpoch });
  const nodes = new Nodes(addresses, address => new KnownNode(address, lineTo(address)));
  const keeper = new RingKeeper({ ...opened, nodes, ask: askRing(opened) });
  const caller = new Caller({ ...opened, nodes, background: keeper });
  return new Client({ ...opened, ...options, caller });
}

/**
 * Made by {@link connect}. Safe to share; one for a whole program is right. Connects when it is first used.
 * Until it is closed, or for ten seconds after its last call, its connections keep the process alive.
 */
export class Client {
  readonly #session: Session;

  /** @internal */
  constructor(session: Session) {
    this.#session = session;
  }

  /** The keys under this name. No call is made; a bad name shows with the first one. */
  bucket(name: string): Bucket {
    return new Bucket(name, this.#session);
  }

  /** What one of the nodes knows of itself and of the cluster. Rejects with ShoalError. */
  async status(options: CallOptions = {}): Promise<ClusterStatus> {
    const method = this.#session.protos.cluster.Status;
    const ask = { method, number: undefined, request: {}, key: undefined, kind: READ, options };
    return send(this.#session, { ...ask, show: readStatus });
  }

  /**
   * The partition of a key and the nodes that hold it. Rejects with ShoalError: BAD_KEY, NOT_READY,
   * UNREACHABLE.
   */
  async locate(bucket: string, key: string, options: CallOptions = {}): Promise<KeyLocation> {
    const at = { bucket, key };
    checkNames(at);
    const method = this.#session.protos.cluster.Locate;
    const ask = { method, number: undefined, request: at, key: undefined, kind: READ, options };
    return send(this.#session, { ...ask, show: place => ({ ...at, ...place }) });
  }

  /** Takes no more calls, lets those under way end (each has its deadline), then closes the connections. */
  close(): Promise<void> {
    return this.#session.caller.close();
  }

  /** For `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function isOptions(given: string | readonly string[] | ConnectOptions): given is ConnectOptions {
  return typeof given === 'object' && 'addresses' in given;
}

let loaded: Protos | undefined;

/** Once a process: reading the files takes 50 ms. */
function theProtos(): Protos {
  loaded ??= loadProtos();
  return loaded;
}
