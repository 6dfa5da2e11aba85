/** A client of one cluster: the door of the SDK. */
import { checkNames } from '../core/limits.ts';
import { loadProtos, type Protos } from '../wire/protos.ts';
import { parseAddresses, shuffled } from './addresses.ts';
import { Bucket } from './bucket.ts';
import { Caller } from './caller.ts';
import { openChannel } from './channel.ts';
import { checkDeadline } from './checks.ts';
import { type ClusterStatus, type KeyLocation, readStatus } from './cluster-status.ts';
import { type CallOptions, DEADLINE_MS_DEFAULT } from './options.ts';
import { openPipeline } from './pipeline.ts';
import { READ, type Session, termsOf } from './session.ts';
import { SYSTEM } from './surroundings.ts';

export interface ConnectOptions {
  /**
   * host:port of some or all nodes, their client ports. Every node serves every key, so one is enough; with several the client
   * goes on when one fails. It does not look for others by itself.
   */
  readonly addresses: string | readonly string[];
  /** For calls that name none, retries included; milliseconds, more than 0. Default 5 000. */
  readonly deadlineMs?: number | undefined;
  /** One stream per node (`pipeline`), or a gRPC call for each request (`unary`). Default `pipeline`. */
  readonly transport?: 'pipeline' | 'unary' | undefined;
}

/**
 * Opens a client. Nothing is sent and nothing can fail before the first call, except for:
 * @param options or just the addresses: `connect('127.0.0.1:7400,127.0.0.1:7410')`
 * @throws TypeError when an address is no host:port
 * @throws RangeError when the deadline is none
 */
export function connect(options: string | readonly string[] | ConnectOptions): Client {
  const { addresses, deadlineMs, transport }: ConnectOptions = isOptions(options)
    ? options
    : { addresses: options };
  const protos = theProtos();
  const surroundings = SYSTEM;
  const inOrder = shuffled(parseAddresses(addresses), surroundings.fraction);
  const open = transport === 'unary' ? openChannel : openPipeline;
  const channels = inOrder.map(address => open(address, { protos, surroundings }));
  return new Client({
    caller: new Caller(channels, surroundings),
    protos,
    surroundings,
    deadlineMs: checkDeadline(deadlineMs ?? DEADLINE_MS_DEFAULT),
  });
}

/** Made by {@link connect}. Safe to share; one for a whole program is right. Connects when it is first used. */
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
    const { caller, protos } = this.#session;
    return readStatus(await caller.call(protos.cluster.Status, {}, termsOf(this.#session, options, READ)));
  }

  /** The partition of a key and the nodes that hold it. Rejects with ShoalError: BAD_KEY, NOT_READY, UNREACHABLE. */
  async locate(bucket: string, key: string, options: CallOptions = {}): Promise<KeyLocation> {
    const at = { bucket, key };
    checkNames(at);
    const { caller, protos } = this.#session;
    return {
      ...at,
      ...(await caller.call(protos.cluster.Locate, at, termsOf(this.#session, options, READ))),
    };
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
