/**
 * The asking side of one stream, from its opening to its end: requests by id, gathered into frames, answers
 * matched to them in whatever order they come (DESIGN §8). Does not open another stream when this one ends:
 * lasting-link.ts.
 *
 * What the other side sends is not trusted: an answer to what was never asked, or of another method, ends the
 * stream, for nobody could tell any more which answer is whose. An answer that comes after its request was
 * given up is the other side's good right.
 */
import type { Clock, Timer } from '../ports/clock.ts';
import type { Duplex, DuplexEnd, OpenDuplex } from '../ports/duplex.ts';
import type { Turns } from '../ports/turns.ts';
import type { Answer, Ask, Dialect } from '../wire/frame.ts';
import type { Asking, LinkBounds, Refusal } from './asking.ts';
import { Assembly } from './assembly.ts';
import { Outbox } from './outbox.ts';
import { Pending } from './pending.ts';
import { Silence } from './silence.ts';

export interface AskingLinkOptions {
  readonly open: OpenDuplex;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly bounds: LinkBounds;
  readonly onEnded: (end: DuplexEnd) => void;
}

/** So long it has to say that it is there, from when the stream was opened (DESIGN §8). */
export const HELLO_MS = 500;
/**
 * And so long to end the stream, from when it owes nothing any more: one that is stopped would never do it.
 */
const GOODBYE_MS = 2000;
const INVALID_ARGUMENT = 3;
const UNAVAILABLE = 14;
const CLOSED: Refusal = { because: 'not reachable', why: 'the connection is closed' };

/** Its budget is what is left when it is sent, not when it was asked: it may have waited here for long. */
interface Outgoing extends Ask {
  budgetMs: number;
}

export class AskingLink {
  readonly #options: AskingLinkOptions;
  readonly #duplex: Duplex;
  readonly #outbox: Outbox<Outgoing>;
  readonly #pending: Pending;
  readonly #assembly = new Assembly();
  readonly #silence = new Silence();
  #cancels: number[] = [];
  #lastId = 0;
  readonly #hello: Timer;
  #goodbye: Timer | undefined;
  #opened = false;
  #proven = false;
  #retired = false;
  #ending = false;
  #ended = false;

  constructor(options: AskingLinkOptions) {
    this.#options = options;
    const { dialect, turns, clock, bounds } = options;
    this.#pending = new Pending({
      clock,
      bounds,
      bytesMax: dialect.requestBytesMax,
      onForsaken: (id, sent) => this.#forsaken(id, sent),
    });
    this.#outbox = new Outbox({
      turns,
      // Nothing is written before the other side has said that it is there.
      blocked: true,
      pieceBytesMax: dialect.pieceBytesMax,
      rest: ({ id }, body) => ({ id, method: 0, budgetMs: 0, body, more: false }),
      write: asks => this.#write(asks),
    });
    this.#duplex = options.open({
      opened: () => this.#isOpen(),
      frame: bytes => this.#frame(bytes),
      drained: () => this.#outbox.drained(),
      ended: end => this.#end(end),
    });
    this.#hello = clock.after(HELLO_MS, () => this.close(`no answer within ${HELLO_MS} ms`));
  }

  /** The other side has said that it is there. */
  get opened(): boolean {
    return this.#opened;
  }

  /** It has also answered something. */
  get proven(): boolean {
    return this.#proven;
  }

  /** Requests without an answer. */
  get underWay(): number {
    return this.#pending.size;
  }

  /** It owes answers and has been silent for longer than it usually takes: better ask another. */
  get suspect(): boolean {
    return this.#pending.promptCalls > 0 && this.#silence.isSuspect(this.#options.clock.now());
  }

  /** Its ids have run out, or it was told to end, by this side or the other: it takes nothing more. */
  get retired(): boolean {
    return this.#retired || this.#lastId >= this.#options.dialect.idMax;
  }

  /** @returns why nothing is sent, and then `settle` is not called; undefined if it will be */
  ask(asking: Asking): Refusal | undefined {
    const refusal = this.#refusal(asking);
    if (refusal !== undefined) return refusal;
    const { method, body, bulk } = asking;
    if (this.#pending.promptCalls === 0) this.#silence.broken(this.#options.clock.now());
    this.#lastId += 1;
    const id = this.#lastId;
    this.#pending.add(id, asking);
    this.#outbox.push({ id, method, budgetMs: 0, body, more: false }, { bulk });
    return undefined;
  }

  /** Asks nothing more, and ends when all is answered. */
  retire(): void {
    this.#retired = true;
    this.#endIfIdle();
  }

  /** Ends it at once; what is under way fails as `lost`, or as `not sent` what never left. */
  close(why: string): void {
    if (!this.#ended) this.#duplex.cut({ status: UNAVAILABLE, why });
    this.#end({ status: UNAVAILABLE, why });
  }

  #isOpen(): void {
    this.#opened = true;
    this.#hello.cancel();
    this.#outbox.drained();
  }

  #refusal(asking: Asking): Refusal | undefined {
    if (this.#ended || this.retired) return CLOSED;
    return this.#pending.refusal(asking);
  }

  #write(asks: readonly Outgoing[]): boolean {
    if (asks.length === 0 && this.#cancels.length === 0) return true;
    const cancels = this.#cancels;
    this.#cancels = [];
    for (const ask of asks) {
      const leftMs = this.#pending.sent(ask.id, ask);
      if (ask.method !== 0) ask.budgetMs = leftMs;
    }
    const { dialect, clock } = this.#options;
    const more = this.#duplex.write(dialect.encodeRequests({ sentAt: clock.now(), asks, cancels }));
    // These cancels may have been the last that it had to say.
    this.#endIfIdle();
    return more;
  }

  #frame(bytes: Uint8Array): void {
    if (this.#ended) return;
    const frame = this.#options.dialect.decodeResponses(bytes);
    if (frame === undefined) {
      this.#broken('it sent what is no frame');
      return;
    }
    this.#silence.broken(this.#options.clock.now());
    for (const answer of frame.answers) this.#answered(answer);
    if (frame.draining) this.#retired = true;
    this.#endIfIdle();
  }

  #answered(answer: Answer): void {
    const { id, failed } = answer;
    if (!(id >= 1 && id <= this.#lastId) || this.#pending.isUnsent(id)) {
      this.#broken(`it answered ${id}, which it was not asked`);
      return;
    }
    if (!this.#pending.has(id)) {
      this.#assembly.drop(id);
      return;
    }
    if (!this.#pending.accepts(id, answer)) {
      this.#broken(`it answered ${id} as another method`);
      return;
    }
    const body = this.#assembly.add(answer);
    if (body === 'too much') {
      this.#broken('its answers are too large');
      return;
    }
    if (body === undefined) return;
    const tookMs = this.#pending.answered(id, { kind: failed ? 'failure' : 'reply', body });
    if (tookMs !== undefined) this.#silence.answered(tookMs);
    this.#proven = true;
  }

  #forsaken(id: number, sent: boolean): void {
    this.#outbox.remove(id);
    this.#assembly.drop(id);
    if (sent) {
      this.#cancels.push(id);
      this.#outbox.schedule();
    }
    this.#endIfIdle();
  }

  #broken(why: string): void {
    if (this.#ended) return;
    const end = { status: INVALID_ARGUMENT, why };
    this.#duplex.cut(end);
    this.#end(end);
  }

  #endIfIdle(): void {
    if (!this.#retired || this.#ended || this.#pending.size > 0) return;
    this.#goodbye ??= this.#options.clock.after(GOODBYE_MS, () => this.close('it does not end the stream'));
    if (this.#ending || this.#cancels.length > 0) return;
    this.#ending = true;
    this.#duplex.end();
  }

  #end(end: DuplexEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#hello.cancel();
    this.#goodbye?.cancel();
    this.#outbox.close();
    this.#assembly.clear();
    const because = this.#opened || this.#retired ? 'over' : 'never open';
    this.#pending.failAll({ because, why: end.why });
    this.#options.onEnded(end);
  }
}
