/**
 * One stream of KV.Pipeline as cheap as it can be for the side that asks: no promises, no timers, no pending
 * requests but a ring of times. The SDK would be the bottleneck of a flood, and its manners would end it.
 */
import { grpcDuplex } from '../../src/link/grpc-duplex.ts';
import type { Duplex } from '../../src/ports/duplex.ts';
import type { Messages, OpaqueOp } from '../../src/wire/messages.ts';
import type { Body } from './bodies.ts';
import type { Tally } from './tally.ts';

export interface PipeOptions {
  readonly address: string;
  readonly messages: Messages;
  readonly tally: Tally;
  /** So many have been answered. */
  readonly onAnswers: (count: number) => void;
}

const PATH = '/shoal.v1.KV/Pipeline';
const FRAME_BYTES_MAX = 16 * 1024 * 1024;
/** More than a stream may have under way. */
const RING = 65_536;
const BUDGET_MS = 2_000;

export class Pipe {
  readonly opened: Promise<void>;
  readonly #options: PipeOptions;
  readonly #sentAt = new Float64Array(RING);
  /** A refusal says the same thing each time: read once. */
  readonly #reasons = new Map<string, string>();
  readonly #duplex: Duplex;
  #lastId = 0;
  #full = false;

  constructor(options: PipeOptions) {
    this.#options = options;
    const { promise, resolve, reject } = deferred();
    this.opened = promise;
    this.#duplex = grpcDuplex({
      address: options.address,
      path: PATH,
      frameBytesMax: FRAME_BYTES_MAX,
      proxied: false,
    })({
      opened: resolve,
      frame: bytes => this.#frame(bytes),
      drained: () => {
        this.#full = false;
      },
      ended: ({ why }) => reject(new Error(`${options.address} ended the stream: ${why}`)),
    });
  }

  /** They leave in one frame, unless the stream is full. */
  send(asked: readonly Body[]): void {
    const { tally, messages } = this.#options;
    if (this.#full) {
      tally.heldBack += asked.length;
      return;
    }
    const now = performance.now();
    const ops: OpaqueOp[] = asked.map(({ read, bytes }) => {
      this.#lastId += 1;
      this.#sentAt[this.#lastId % RING] = now;
      return read
        ? { id: this.#lastId, budgetMs: BUDGET_MS, get: bytes }
        : { id: this.#lastId, budgetMs: BUDGET_MS, put: bytes };
    });
    tally.sent += ops.length;
    this.#full = !this.#duplex.write(messages.pipelineRequest.encode({ ops }));
  }

  close(): void {
    this.#duplex.cut({ status: 1, why: 'the flood is over' });
  }

  #frame(bytes: Uint8Array): void {
    const { tally, messages, onAnswers } = this.#options;
    const { results } = messages.pipelineResponse.decode(bytes);
    for (const { id, failure } of results) {
      if (failure === undefined) tally.accepted(this.#sentAt[id % RING]!);
      else tally.refused(this.#reasonOf(failure));
    }
    onAnswers(results.length);
  }

  #reasonOf(failure: Uint8Array): string {
    const bytes = Buffer.from(failure).toString('latin1');
    const known = this.#reasons.get(bytes) ?? this.#options.messages.failure.decode(failure).reason;
    this.#reasons.set(bytes, known);
    return known;
  }
}

function deferred() {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}
