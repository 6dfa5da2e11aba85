/**
 * The way to a node over one stream, KV.Pipeline: what many calls ask in one turn goes in one frame. What the
 * stream does not carry (status, locate) goes as a unary call beside it.
 *
 * And so does everything, for a while, where no stream can be had but unary calls get through: an old node
 * says that it has no pipelines, and a proxy that holds streams back lets none open, though what stands
 * behind it answers. When that is so, fallback.ts decides.
 */
import { HELLO_MS } from '../link/asking-link.ts';
import { grpcDuplex } from '../link/grpc-duplex.ts';
import { LastingLink, type StreamEnd } from '../link/lasting-link.ts';
import { neverLeft } from '../wire/never-left.ts';
import { pipelineDialect } from '../wire/pipeline-dialect.ts';
import { isOurs } from '../wire/status.ts';
import type { Attempt } from './attempt.ts';
import { type OpenedFor, openChannel } from './channel.ts';
import { type AttemptFailure, notSent, notTaken, tooLate, turnedAway } from './failure.ts';
import { Fallback } from './fallback.ts';
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

export class PipelineLine implements Line {
  readonly #address: string;
  readonly #options: PipelineOptions;
  readonly #link: LastingLink;
  readonly #unary: UnaryLine;
  readonly #fallback = new Fallback();
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
    const refusal = this.#link.ask(attempt);
    return refusal && notTaken(refusal);
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
    return this.#fallback.unary(this.#options.surroundings.now());
  }

  #heard(epoch: number): void {
    this.#answers = true;
    this.#fallback.opened();
    this.#options.onEpoch(epoch);
  }

  readonly #notSent = (attempt: Attempt, why: string): void => {
    const isForsaken = attempt.cancelled || attempt.deadline <= this.#options.surroundings.now();
    if (isForsaken) attempt.fail(tooLate(why));
    else this.#unsent.push(attempt);
  };

  #ended(end: StreamEnd): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    this.#answers = false;
    if (end.opened) this.#fallback.opened();
    else if (!this.#closed) this.#notOpened(end);
    const hasNone = !end.opened && end.status === UNIMPLEMENTED && !this.#closed;
    for (const attempt of unsent) {
      if (hasNone) this.#unary.ask(attempt);
      else attempt.fail(this.#whyUnsent(end, attempt));
    }
  }

  #notOpened(end: StreamEnd): void {
    const { status: code, why: message } = end;
    const { protos, surroundings } = this.#options;
    if (isOurs(end, protos) || neverLeft({ code, message })) this.#fallback.turnedAway();
    else if (code === UNIMPLEMENTED) this.#fallback.noStreams(surroundings.now());
    else if (this.#fallback.notOpened()) this.#probe();
  }

  #whyUnsent(end: StreamEnd, { question }: Attempt): AttemptFailure {
    const { protos } = this.#options;
    return isOurs(end, protos) ? turnedAway(end, { ...question, protos }) : notSent(end.why);
  }

  /** Whether a unary call gets through where a stream did not, in no more time than that had. */
  #probe(): void {
    if (this.#probing) return;
    this.#probing = true;
    const { protos, surroundings } = this.#options;
    const channel = openChannel(this.#address, this.#options);
    channel
      .call(protos.cluster.Status, {}, { timeoutMs: HELLO_MS, write: false })
      .then(() => this.#fallback.callAnswered(surroundings.now()))
      // Nothing gets through: there is nothing to fall back on.
      .catch(() => {})
      .finally(() => {
        this.#probing = false;
        channel.close();
      });
  }
}
