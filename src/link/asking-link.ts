/**
 * The asking side of one stream, from its opening to its end: requests by id, gathered into frames, answers matched to them in whatever order
 * they come (DESIGN §8). Does not open another stream when this one ends: lasting-link.ts.
 *
 * What the other side sends is not trusted: an answer to what was never asked, or of another method, ends the stream, for nobody could tell
 * any more which answer is whose. An answer that comes after its request was given up is the other side's good right.
 */
import { addSample, type Quantile } from '../base/quantile.ts';
import type { Clock } from '../ports/clock.ts';
import type { Duplex, DuplexEnd, OpenDuplex } from '../ports/duplex.ts';
import type { Turns } from '../ports/turns.ts';
import type { Answer, Ask, Dialect } from '../wire/frame.ts';
import type { Asking, LinkBounds } from './asking.ts';
import { Assembly } from './assembly.ts';
import { Outbox } from './outbox.ts';
import { Pending } from './pending.ts';

export interface AskingLinkOptions {
  readonly open: OpenDuplex;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly bounds: LinkBounds;
  readonly onOpened: () => void;
  readonly onEnded: (end: DuplexEnd) => void;
}

/** What half-told answers may hold: the largest record and a page beside it. */
const ASSEMBLY_BYTES_MAX = 128 * 1024 * 1024;
const INVALID_ARGUMENT = 3;
const UNAVAILABLE = 14;
/** Silence of so many times the usual, and of so long at least, is suspect (DESIGN §8). */
const SUSPECT_FACTOR = 2;
const SUSPECT_MS_MIN = 300;
/** An estimate needs no more than one in so many. */
const SAMPLE_EVERY = 8;

export class AskingLink {
  readonly #options: AskingLinkOptions;
  readonly #duplex: Duplex;
  readonly #outbox: Outbox<Ask>;
  readonly #pending: Pending;
  readonly #assembly = new Assembly(ASSEMBLY_BYTES_MAX);
  #cancels: number[] = [];
  #lastId = 0;
  /** Since then it owes us something and has said nothing. */
  #silentSince = 0;
  #usual: Quantile = { share: 0.99, value: SUSPECT_MS_MIN / SUSPECT_FACTOR };
  #answers = 0;
  #retired = false;
  #ended = false;

  constructor(options: AskingLinkOptions) {
    this.#options = options;
    const { dialect, turns, clock, bounds } = options;
    this.#pending = new Pending({ clock, bounds, onForsaken: (id, sent) => this.#forsaken(id, sent) });
    this.#outbox = new Outbox({
      turns,
      // Nothing is written before the other side has said that it is there.
      blocked: true,
      pieceBytesMax: dialect.pieceBytesMax,
      rest: ({ id }, body) => ({ id, method: 0, budgetMs: 0, body, more: false }),
      write: asks => this.#write(asks),
    });
    this.#duplex = options.open({
      opened: () => this.#opened(),
      frame: bytes => this.#frame(bytes),
      drained: () => this.#outbox.drained(),
      ended: end => this.#end(end),
    });
  }

  /** Requests without an answer. */
  get underWay(): number {
    return this.#pending.size;
  }

  /** It owes answers and has been silent for longer than it usually takes: better ask another. */
  get suspect(): boolean {
    if (this.#pending.size === 0) return false;
    const silentMs = this.#options.clock.now() - this.#silentSince;
    return silentMs > Math.max(SUSPECT_MS_MIN, this.#usual.value * SUSPECT_FACTOR);
  }

  /** Its ids have run out, or it was told to end, by this side or the other: it takes nothing more. */
  get retired(): boolean {
    return this.#retired || this.#lastId >= this.#options.dialect.idMax;
  }

  /** @returns why nothing is sent, and then `settle` is not called; undefined if it will be */
  ask(asking: Asking): string | undefined {
    const refusal = this.#refusal(asking);
    if (refusal !== undefined) return refusal;
    const { method, body, call, bulk } = asking;
    if (this.#pending.size === 0) this.#silentSince = this.#options.clock.now();
    this.#lastId += 1;
    const id = this.#lastId;
    this.#pending.add(id, asking);
    const budgetMs = Math.max(1, Math.ceil(call.deadline - this.#options.clock.now()));
    this.#outbox.push({ id, method, budgetMs, body, more: false }, { bulk });
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

  #opened(): void {
    this.#outbox.drained();
    this.#options.onOpened();
  }

  #refusal(asking: Asking): string | undefined {
    if (this.#ended || this.retired) return 'the connection is closed';
    return this.#pending.refusal(asking);
  }

  #write(asks: readonly Ask[]): boolean {
    if (asks.length === 0 && this.#cancels.length === 0) return true;
    const cancels = this.#cancels;
    this.#cancels = [];
    for (const { id } of asks) this.#pending.sent(id);
    const { dialect, clock } = this.#options;
    return this.#duplex.write(dialect.encodeRequests({ sentAt: clock.now(), asks, cancels }));
  }

  #frame(bytes: Uint8Array): void {
    if (this.#ended) return;
    const frame = this.#options.dialect.decodeResponses(bytes);
    if (frame === undefined) {
      this.#broken('it sent what is no frame');
      return;
    }
    this.#silentSince = this.#options.clock.now();
    for (const answer of frame.answers) this.#answered(answer);
    if (frame.draining) this.#retired = true;
    this.#endIfIdle();
  }

  #answered(answer: Answer): void {
    const { id, failed } = answer;
    if (!(id >= 1 && id <= this.#lastId)) {
      this.#broken(`it answered ${id}, which was never asked`);
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
    if (tookMs !== undefined && this.#answers++ % SAMPLE_EVERY === 0)
      this.#usual = addSample(this.#usual, tookMs);
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
    if (this.#retired && !this.#ended && this.#pending.size === 0) this.#duplex.end();
  }

  #end(end: DuplexEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#outbox.close();
    this.#pending.failAll(end.why);
    this.#options.onEnded(end);
  }
}
