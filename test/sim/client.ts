/**
 * A client of the simulated cluster: speaks shoal.v1, remembers the last context of each key, and tries again
 * through another node when an outcome is unknown, with the same write id. How it calls a node:
 * server-calls.ts.
 */
import type { WriteId } from '../../src/base/ids.ts';
import type { SeededRandom } from '../../src/base/random.ts';
import type { Protos } from '../../src/wire/protos.ts';
import { readGetReply, readWriteReply } from '../../src/wire/replies.ts';
import { deleteMessage, getMessage, putMessage } from '../../src/wire/requests.ts';
import type { Operation, Reply } from './history.ts';
import type { Network } from './network/network.ts';
import type { Recorder } from './recorder.ts';
import { type Send, ServerCalls } from './server-calls.ts';
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
  /** It asks over streams. */
  readonly pipelined: boolean;
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
const LAST_TRY_MS_MIN = 20;
export const BUCKET = 'b';
const NOTHING: ReadonlySet<WriteId> = new Set();
const NO_CONTEXT = new Uint8Array();

export class SimClient {
  readonly #parts: ClientParts;
  readonly #calls: ServerCalls;
  /** The last reply about each key. */
  readonly #seen = new Map<string, Operation>();

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#calls = new ServerCalls(parts);
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
      const failure = await ask(this.#calls.sender({ node, end })).then(
        reply => this.#succeed(operation, reply),
        (error: unknown) => this.#calls.failureOf(error, operation),
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

  #now(): number {
    return this.#parts.process.clock.now();
  }
}

/** @param own the write that this reply acknowledges: shown besides what the reply lists */
function asReply(reply: ReturnType<typeof readGetReply>, own?: WriteId): Reply {
  const shown = new Set([...(own === undefined ? [] : [own]), ...writesIn(reply.siblings)]);
  return { shown, context: reply.context, replicas: reply.replicas };
}
