/**
 * The answering side of one stream: hands on the requests that come, whole, and sends their answers, those of
 * one turn in one frame. Bounds what the other side can make this one hold (I10): requests under way, pieces
 * of unfinished ones, answers it does not read.
 *
 * What cannot be understood ends the stream, with the reason; an id that comes again while it is under way,
 * its answer not yet sent, too: nobody could tell whose the answer is. A cancel of what is not under way is
 * late, and nothing.
 */
import type { Clock, Timer } from '../ports/clock.ts';
import type { Duplex, DuplexEnd, OpenDuplex } from '../ports/duplex.ts';
import type { Turns } from '../ports/turns.ts';
import type { Answer, Ask, Dialect } from '../wire/frame.ts';
import { Assembly, alone } from './assembly.ts';
import { Incoming } from './incoming.ts';
import { Outbox } from './outbox.ts';
import { Transit } from './transit.ts';

export interface AnsweringLinkOptions {
  readonly open: OpenDuplex;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly turns: Turns;
  /** Requests under way on this stream. */
  readonly callsMax: number;
  /** What goes instead of an answer: a shoal.v1.Failure. */
  readonly refusal: (why: Unanswered, method: number) => Uint8Array;
  /** Which methods are bulk: their answers yield to others. */
  readonly isBulk: (method: number) => boolean;
  readonly onAsk: (incoming: Incoming) => void;
  readonly onEnded: (end: DuplexEnd) => void;
}

/**
 * `too many`: there are `callsMax` of them, and it was not begun. Of what was done, `too large`: nobody takes
 * such an answer; `no room`: it found none behind those that wait.
 */
export type Unanswered = 'too many' | 'too large' | 'no room';

const MIB = 1024 * 1024;
/** Of answers that wait: above, the other side is read from no more, until it has read. */
const WAITING_BYTES_MAX = 8 * MIB;
/**
 * And above that, large answers are not kept: those under way come all the same, and there may be thousands
 * of them.
 */
const ANSWERS_BYTES_MAX = 256 * MIB;
const SMALL_BYTES = 64 * 1024;
/** Of a frame that a request under way may keep in memory; its own body, if that is most of it. */
const FRAME_BYTES_KEPT = 64 * 1024;
/** A reader that takes nothing for so long has gone, whatever its connection says. */
const STUCK_MS = 30_000;
/** Longer than any way there and back, and than most pauses of a process. */
const FAREWELL_MS = 500;
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;

interface Begun {
  readonly method: number;
  /** As in {@link Ask}. */
  readonly budgetMs: number;
  /** When its first piece was, by this side's clock. */
  readonly sentAt: number;
}

export class AnsweringLink {
  readonly #options: AnsweringLinkOptions;
  readonly #duplex: Duplex;
  readonly #outbox: Outbox<Answer>;
  readonly #underWay = new Map<number, Incoming>();
  readonly #assembly = new Assembly();
  /** What the first piece said, of requests whose others are still to come. */
  readonly #begun = new Map<number, Begun>();
  readonly #transit = new Transit();
  #stuck: Timer | undefined;
  #farewell: Timer | undefined;
  #paused = false;
  #endsWhenIdle = false;
  #ending = false;
  #ended = false;

  constructor(options: AnsweringLinkOptions) {
    this.#options = options;
    const { dialect, turns } = options;
    this.#outbox = new Outbox({
      turns,
      blocked: false,
      pieceBytesMax: dialect.pieceBytesMax,
      rest: (answer, body) => ({ ...answer, body, more: false }),
      write: answers => this.#write(answers),
    });
    this.#duplex = options.open({
      opened: () => {},
      frame: bytes => this.#frame(bytes),
      drained: () => this.#drained(),
      ended: end => this.#end(end),
    });
  }

  /** Requests without an answer. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Bytes of answers that the other side has not read. */
  get unreadBytes(): number {
    return this.#outbox.bytes + (this.#duplex.waitingBytes ?? 0);
  }

  /**
   * Bids the other side to ask nothing more here and to end the stream when all is answered. To end it from
   * this side would lose what is under way towards it: 1. the last answer is sent, and the end behind it; 2.
   * meanwhile a request was sent; 3. nobody ever reads it, and its sender cannot know that. A side that does
   * not understand is left after a while.
   */
  finish(): void {
    if (this.#ended || this.#ending || this.#farewell !== undefined) return;
    const { dialect, clock } = this.#options;
    this.#farewell = clock.after(FAREWELL_MS, () => this.endWhenIdle());
    this.#duplex.write(dialect.encodeResponses({ sentAt: clock.now(), answers: [], draining: true }));
  }

  /**
   * For when the other side will ask nothing more: ends the stream as soon as everything is answered and
   * sent.
   */
  endWhenIdle(): void {
    this.#endsWhenIdle = true;
    this.#endIfIdle();
  }

  cut(end: DuplexEnd): void {
    if (this.#ended) return;
    this.#duplex.cut(end);
    this.#end(end);
  }

  #frame(bytes: Uint8Array): void {
    if (this.#ended || this.#ending) return;
    const { dialect, clock } = this.#options;
    const frame = dialect.decodeRequests(bytes);
    if (frame === undefined) {
      this.cut({ status: INVALID_ARGUMENT, why: 'this is no frame' });
      return;
    }
    const { sentAt, asks, cancels } = frame;
    const waitedMs = sentAt === undefined ? 0 : this.#transit.waitedMs({ now: clock.now(), sentAt });
    for (const ask of asks) this.#asked(ask, waitedMs);
    for (const id of cancels) this.#cancelled(id);
    this.#regulate();
  }

  #asked(piece: Ask, waitedMs: number): void {
    if (this.#ended) return;
    const wrong = this.#wrongWith(piece);
    if (wrong !== undefined) this.cut({ status: INVALID_ARGUMENT, why: wrong });
    // Nearly always: it is whole, and nothing is begun that it could belong to.
    else if (!piece.more && this.#begun.size === 0) this.#whole(piece, waitedMs);
    else this.#pieceCame(piece, waitedMs);
  }

  #pieceCame(piece: Ask, waitedMs: number): void {
    const { id } = piece;
    const begun = this.#begun.get(id) ?? this.#begin(piece, waitedMs);
    const body = this.#assembly.add(piece);
    if (body === 'too much')
      this.cut({ status: RESOURCE_EXHAUSTED, why: 'too many unfinished requests on one stream' });
    else if (body === undefined) this.#begun.set(id, begun);
    else this.#lastCame(id, { begun, body });
  }

  #lastCame(id: number, { begun, body }: { readonly begun: Begun; readonly body: Uint8Array }): void {
    const { method, budgetMs, sentAt } = begun;
    this.#begun.delete(id);
    this.#whole({ id, method, budgetMs, body }, this.#options.clock.now() - sentAt);
  }

  #wrongWith({ id, method }: Ask): string | undefined {
    const isId = Number.isSafeInteger(id) && id >= 1 && id <= this.#options.dialect.idMax;
    if (!isId) return `${id} is no id`;
    const isOpen = this.#underWay.has(id) || this.#outbox.has(id);
    const isAgain = isOpen || (this.#begun.has(id) && method !== 0);
    return isAgain ? `the id ${id} is under way already` : undefined;
  }

  /** The budget runs from when its first piece was sent, however long the others take. */
  #begin({ method, budgetMs }: Ask, waitedMs: number): Begun {
    const sentAt = this.#options.clock.now() - waitedMs;
    return { method, budgetMs, sentAt };
  }

  #whole({ id, method, budgetMs, body }: Omit<Ask, 'more'>, waitedMs: number): void {
    const { callsMax, refusal, onAsk } = this.#options;
    if (this.#underWay.size >= callsMax) {
      const told = refusal('too many', method);
      this.#outbox.push({ id, method, body: told, failed: true, more: false }, { bulk: false });
      return;
    }
    const incoming = new Incoming({
      id,
      method,
      body: alone(body, FRAME_BYTES_KEPT),
      budgetMs: budgetMs === 0 ? undefined : budgetMs,
      waitedMs,
      answer: this.#answer,
    });
    this.#underWay.set(id, incoming);
    onAsk(incoming);
  }

  readonly #answer = (incoming: Incoming, { body, failed }: { body: Uint8Array; failed: boolean }): void => {
    const { id, method } = incoming;
    if (this.#underWay.get(id) !== incoming) return;
    this.#underWay.delete(id);
    const { isBulk, refusal } = this.#options;
    const why = this.#unsendable(body);
    const answer = why === undefined ? { body, failed } : { body: refusal(why, method), failed: true };
    this.#outbox.push({ id, method, ...answer, more: false }, { bulk: isBulk(method) });
    this.#regulate();
  };

  #unsendable({ byteLength }: Uint8Array): Unanswered | undefined {
    if (byteLength > this.#options.dialect.answerBytesMax) return 'too large';
    const fits = byteLength <= SMALL_BYTES || this.#outbox.bytes + byteLength <= ANSWERS_BYTES_MAX;
    return fits ? undefined : 'no room';
  }

  #cancelled(id: number): void {
    this.#assembly.drop(id);
    this.#begun.delete(id);
    this.#outbox.remove(id);
    const incoming = this.#underWay.get(id);
    this.#underWay.delete(id);
    incoming?.cancel();
    this.#endIfIdle();
  }

  #write(answers: readonly Answer[]): boolean {
    const { dialect, clock } = this.#options;
    const more =
      answers.length === 0 || this.#duplex.write(dialect.encodeResponses({ sentAt: clock.now(), answers }));
    if (!more) this.#stuck ??= clock.after(STUCK_MS, () => this.#isStuck());
    this.#regulate();
    // What has just been written may have been the last that was waited for.
    this.#endIfIdle();
    return more;
  }

  #drained(): void {
    if (!this.#ending) {
      this.#stuck?.cancel();
      this.#stuck = undefined;
    }
    this.#outbox.drained();
  }

  /** Reads from the other side only while what it has not read is little. */
  #regulate(): void {
    const full = this.#outbox.bytes > WAITING_BYTES_MAX;
    if (this.#ended || full === this.#paused) return;
    this.#paused = full;
    if (full) this.#duplex.pause();
    else this.#duplex.resume();
  }

  #isStuck(): void {
    this.cut({ status: RESOURCE_EXHAUSTED, why: `nothing was read for ${STUCK_MS} ms` });
  }

  #endIfIdle(): void {
    const isOver = this.#ended || this.#ending;
    if (!this.#endsWhenIdle || isOver || this.#underWay.size > 0 || !this.#outbox.isEmpty) return;
    this.#ending = true;
    // Whoever does not read keeps the stream from ending.
    this.#stuck ??= this.#options.clock.after(STUCK_MS, () => this.#isStuck());
    this.#duplex.end();
  }

  #end(end: DuplexEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stuck?.cancel();
    this.#farewell?.cancel();
    this.#outbox.close();
    this.#assembly.clear();
    this.#begun.clear();
    const cancelled = [...this.#underWay.values()];
    this.#underWay.clear();
    for (const incoming of cancelled) incoming.cancel();
    this.#options.onEnded(end);
  }
}
