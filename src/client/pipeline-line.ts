/**
 * The way to a node over one stream, KV.Pipeline: what many calls ask in one turn goes in one frame. What the stream does not carry (status,
 * locate) goes as a unary call beside it.
 *
 * And so does everything, for a while, where no stream can be had but unary calls get through: an old node says that it has no pipelines, and a
 * proxy that holds streams back lets none open, though what stands behind it answers. After that while one request tries the stream again, and the
 * others do not wait for it.
 */
import { grpcDuplex } from '../link/grpc-duplex.ts';
import { LastingLink } from '../link/lasting-link.ts';
import { neverLeft } from '../wire/never-left.ts';
import { pipelineDialect } from '../wire/pipeline-dialect.ts';
import type { Attempt } from './attempt.ts';
import { type OpenedFor, openChannel } from './channel.ts';
import { type AttemptFailure, notSent } from './failure.ts';
import type { Line } from './known-node.ts';
import { UnaryLine } from './unary-line.ts';

export interface PipelineOptions extends OpenedFor {
  /** Told the epoch of the node's ring with each frame of answers. */
  readonly onEpoch: (epoch: number) => void;
}

const PATH = '/shoal.v1.KV/Pipeline';
const MIB = 1024 * 1024;
/** A frame of answers holds the largest of them whole. */
const FRAME_BYTES_MAX = 64 * MIB;
const UNIMPLEMENTED = 12;
/** An upgrade or another proxy is noticed within so long. */
const UNARY_MS = 60_000;
/** Longer than a stream may take to open. */
const TRIAL_MS = 1_000;
const PROBE_MS = 1_000;

interface StreamEnd {
  readonly status: number;
  readonly why: string;
  readonly opened: boolean;
}

export class PipelineLine implements Line {
  readonly #address: string;
  readonly #options: PipelineOptions;
  readonly #link: LastingLink;
  readonly #unary: UnaryLine;
  /** Until then no stream is tried; 0 while there is no reason not to. */
  #unaryUntil = 0;
  #answers = false;
  #probing = false;
  #closed = false;
  /** Those that waited for a stream which has just turned out not to open. */
  #unsent: Attempt[] = [];

  constructor(address: string, options: PipelineOptions) {
    const { protos, surroundings } = options;
    this.#address = address;
    this.#options = options;
    this.#unary = new UnaryLine(address, options);
    this.#link = new LastingLink({
      open: grpcDuplex({ address, path: PATH, frameBytesMax: FRAME_BYTES_MAX, proxied: true }),
      dialect: pipelineDialect(protos.messages, { onEpoch: epoch => this.#heard(epoch) }),
      clock: surroundings,
      turns: surroundings,
      fraction: () => surroundings.fraction(),
      onEnded: end => this.#ended(end),
    });
  }

  get suspect(): boolean {
    return this.#link.suspect;
  }

  ask(attempt: Attempt): AttemptFailure | undefined {
    if (attempt.question.number === undefined || this.#goesUnary()) return this.#unary.ask(attempt);
    if (!this.#answers) attempt.onNotSent = this.#notSent;
    const why = this.#link.ask(attempt);
    return why === undefined ? undefined : notSent(why);
  }

  rest(): void {
    this.#link.renew();
    this.#unary.rest();
  }

  close(): void {
    this.#closed = true;
    this.#link.close();
    this.#unary.close();
  }

  #goesUnary(): boolean {
    if (this.#unaryUntil === 0) return false;
    const now = this.#options.surroundings.now();
    if (now < this.#unaryUntil) return true;
    this.#unaryUntil = now + TRIAL_MS;
    return false;
  }

  #heard(epoch: number): void {
    this.#answers = true;
    this.#unaryUntil = 0;
    this.#options.onEpoch(epoch);
  }

  readonly #notSent = (attempt: Attempt, why: string): void => {
    const isForsaken = attempt.cancelled || attempt.deadline <= this.#options.surroundings.now();
    if (isForsaken) attempt.fail(notSent(why));
    else this.#unsent.push(attempt);
  };

  #ended({ status, why, opened }: StreamEnd): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    this.#answers = false;
    const hasNone = !opened && status === UNIMPLEMENTED && !this.#closed;
    if (hasNone) this.#unaryUntil = this.#options.surroundings.now() + UNARY_MS;
    else if (!opened && !neverLeft({ code: status, message: why })) this.#probe();
    for (const attempt of unsent) {
      if (hasNone) this.#unary.ask(attempt);
      else attempt.fail(notSent(why));
    }
  }

  /** Whether a unary call gets through where a stream did not. */
  #probe(): void {
    if (this.#probing || this.#closed) return;
    this.#probing = true;
    const { protos, surroundings } = this.#options;
    const channel = openChannel(this.#address, this.#options);
    channel
      .call(protos.cluster.Status, {}, { timeoutMs: PROBE_MS, write: false })
      .then(() => {
        this.#unaryUntil = surroundings.now() + UNARY_MS;
      })
      // Nothing gets through: there is nothing to fall back on.
      .catch(() => {})
      .finally(() => {
        this.#probing = false;
        channel.close();
      });
  }
}
