/**
 * A client of the simulated cluster: speaks shoal.v1 over the same network as the nodes, remembers the last context of each key, and tries
 * again through another node when an outcome is unknown, with the same write id.
 */
import type { ServiceError } from '@grpc/grpc-js';
import type { WriteId } from '../../src/base/ids.ts';
import type { SeededRandom } from '../../src/base/random.ts';
import { ReplicaFailed } from '../../src/ports/replica.ts';
import type { Channel, Sendable } from '../../src/rpc/channel.ts';
import type { Protos } from '../../src/wire/protos.ts';
import { readGetReply, readWriteReply } from '../../src/wire/replies.ts';
import { deleteMessage, getMessage, putMessage } from '../../src/wire/requests.ts';
import { DETAILS_HEADER, fromStatus } from '../../src/wire/status.ts';
import type { Ended, Operation, Reply } from './history.ts';
import type { Network } from './network/network.ts';
import type { Recorder } from './recorder.ts';
import type { Process } from './time/process.ts';
import { writesIn } from './values.ts';

export interface ClientParts {
  readonly name: string;
  readonly process: Process;
  readonly network: Network;
  readonly protos: Protos;
  readonly recorder: Recorder;
  readonly random: SeededRandom;
  readonly nodes: readonly string[];
  readonly deadlineMs: number;
  /** Chance that what may have been applied is tried again. */
  readonly retries: number;
  /** Mean pause before that, ms. */
  readonly pauseMs: number;
  readonly nextWrite: () => { readonly id: WriteId; readonly value: Uint8Array };
}

export interface Asking {
  readonly key: string;
  readonly strict: boolean;
  /** R or W. */
  readonly quorum: number;
  /** The node to ask first; a random one unless said. */
  readonly at?: string | undefined;
}

type How = Operation['how'];

const TRIES_MAX = 3;
const TRY_MS_MAX = 3_000;
const LAST_TRY_MS_MIN = 20;
export const BUCKET = 'b';
const NOTHING: ReadonlySet<WriteId> = new Set();
const NO_CONTEXT = new Uint8Array();

export class SimClient {
  readonly #parts: ClientParts;
  readonly #channels = new Map<string, Channel>();
  /** The last reply about each key. */
  readonly #seen = new Map<string, Operation>();

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  get({ key, strict, quorum, at }: Asking): Promise<Operation> {
    const message = getMessage({ bucket: BUCKET, key, r: quorum, strict });
    const { Get } = this.#parts.protos.kv;
    const intent = { kind: 'get' as const, how: 'read' as const, writeId: undefined, key, strict, quorum };
    return this.#do({ ...intent, contextOf: undefined }, at, async send =>
      asReply(readGetReply(await send(Get, message))),
    );
  }

  /** `after`: over what the last reply about this key showed; blind if there was none. */
  put({ key, strict, quorum, at }: Asking, how: 'blind' | 'after' | 'overwrite'): Promise<Operation> {
    const { id, value } = this.#parts.nextWrite();
    const contextOf = how === 'after' ? this.#seen.get(key) : undefined;
    const message = putMessage({
      bucket: BUCKET,
      key,
      value,
      context: contextOf?.reply?.context ?? NO_CONTEXT,
      w: quorum,
      strict,
      writeId: id,
      overwrite: how === 'overwrite',
    });
    const { Put } = this.#parts.protos.kv;
    const real: How = how === 'after' && contextOf === undefined ? 'blind' : how;
    return this.#do({ kind: 'put', how: real, writeId: id, key, strict, quorum, contextOf }, at, async send =>
      asReply(readWriteReply(await send(Put, message)), id),
    );
  }

  /** `after`: of what the last reply about this key showed; of whatever is there if there was none. */
  delete({ key, strict, quorum, at }: Asking, how: 'after' | 'overwrite'): Promise<Operation> {
    const contextOf = how === 'after' ? this.#seen.get(key) : undefined;
    const context = contextOf?.reply?.context ?? NO_CONTEXT;
    const message = deleteMessage({ bucket: BUCKET, key, context, w: quorum, strict });
    const { Delete } = this.#parts.protos.kv;
    const real: How = contextOf === undefined ? 'overwrite' : 'after';
    return this.#do(
      { kind: 'delete', how: real, writeId: undefined, key, strict, quorum, contextOf },
      at,
      async send => asReply(readWriteReply(await send(Delete, message))),
    );
  }

  async #do(
    intent: Pick<Operation, 'kind' | 'how' | 'writeId' | 'key' | 'strict' | 'quorum' | 'contextOf'>,
    at: string | undefined,
    ask: (send: Send) => Promise<Reply>,
  ): Promise<Operation> {
    const { recorder, name, random } = this.#parts;
    const sight = intent.contextOf?.reply?.shown ?? NOTHING;
    const operation = recorder.begin({ ...intent, client: name, sight });
    const end = this.#now() + this.#parts.deadlineMs;
    let node = at ?? random.pick(this.#parts.nodes);
    for (let left = TRIES_MAX, unknown = false; ; left--) {
      recorder.tried(operation, node);
      const failure = await ask((method, message) => this.#send(node, { method, message, end })).then(
        reply => this.#succeed(operation, reply),
        (error: unknown) => this.#failureOf(error, operation),
      );
      if (failure === undefined) return operation;
      unknown ||= failure.ended === 'unknown';
      if (left <= 1 || end - this.#now() < LAST_TRY_MS_MIN || !this.#mayRepeat(operation)) {
        recorder.failed(operation, { ...failure, ended: unknown ? 'unknown' : failure.ended });
        return operation;
      }
      node = random.pick(this.#parts.nodes);
      await this.#rest(end);
    }
  }

  /** A patient client tries again when the others have gone on. */
  #rest(end: number): Promise<void> | undefined {
    const { pauseMs, random, process } = this.#parts;
    if (pauseMs === 0) return undefined;
    const most = end - this.#now() - LAST_TRY_MS_MIN;
    const restMs = Math.min(2 * pauseMs * random.fraction(), most);
    return new Promise(resolve => {
      process.clock.after(restMs, resolve);
    });
  }

  /** What has no write id and no context is another delete the second time. */
  #mayRepeat({ kind, how }: Operation): boolean {
    return !(kind === 'delete' && how === 'overwrite') && this.#parts.random.chance(this.#parts.retries);
  }

  #succeed(operation: Operation, reply: Reply): undefined {
    this.#parts.recorder.answered(operation, reply);
    this.#seen.set(operation.key, operation);
  }

  /** Half of what is left goes to each try, so that there is time for another. */
  #send<I, O>(node: string, { method, message, end }: Sent<I, O>): Promise<O> {
    const now = this.#now();
    const share = this.#parts.retries > 0 ? 0.5 : 1;
    const tryMs = Math.min((end - now) * share, TRY_MS_MAX);
    const call = { deadline: now + tryMs, cancelled: false };
    return this.#channel(node).send(method, message, call);
  }

  #failureOf(error: unknown, { kind }: Operation): { ended: Ended; error: string } {
    if (error instanceof ReplicaFailed) return { ended: 'not applied', error: error.message };
    const { code, details, metadata } = error as ServiceError;
    if (code === undefined) throw error;
    const [said] = metadata.get(DETAILS_HEADER);
    const status = { code, message: details, details: said instanceof Buffer ? said : undefined };
    const failure = fromStatus(status, { write: kind !== 'get', protos: this.#parts.protos });
    return { ended: failure.outcome === 'unknown' ? 'unknown' : 'not applied', error: failure.message };
  }

  #channel(node: string): Channel {
    const { network, process } = this.#parts;
    const channel = this.#channels.get(node) ?? network.connect({ from: process, address: `${node}:client` });
    this.#channels.set(node, channel);
    return channel;
  }

  #now(): number {
    return this.#parts.process.clock.now();
  }
}

type Send = <I, O>(method: Sendable<I, O>, message: I) => Promise<O>;

interface Sent<I, O> {
  readonly method: Sendable<I, O>;
  readonly message: I;
  /** By the client's clock. */
  readonly end: number;
}

/** @param own the write that this reply acknowledges: shown besides what the reply lists */
function asReply(reply: ReturnType<typeof readGetReply>, own?: WriteId): Reply {
  const shown = new Set([...(own === undefined ? [] : [own]), ...writesIn(reply.siblings)]);
  return { shown, context: reply.context, replicas: reply.replicas };
}
