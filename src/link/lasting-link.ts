/**
 * The way to another process that outlives its streams: opens one when it is needed, another when that is
 * over, and gives the other side 500 ms to say that it is there (DESIGN §8). What was under way when a stream
 * is cut fails, as `lost` or `not sent`; nothing is sent twice by itself: whether a request may be, its
 * sender knows.
 *
 * After a failure it waits, longer each time up to 500 ms, and until then says at once that nothing can be
 * sent; what counts as a success is an answer, for one that takes streams and cuts them would be asked twenty
 * times a second. Whoever knows that the other side is back need not wait: {@link LastingLink.renew}.
 */
import type { Clock } from '../ports/clock.ts';
import type { DuplexEnd, OpenDuplex } from '../ports/duplex.ts';
import type { Turns } from '../ports/turns.ts';
import type { Dialect } from '../wire/frame.ts';
import { type Asking, LINK_BOUNDS, type LinkBounds, type Refusal } from './asking.ts';
import { AskingLink } from './asking-link.ts';

export interface LastingLinkOptions {
  readonly open: OpenDuplex;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly turns: Turns;
  /** In [0, 1): so that those who lost one node do not all come back in the same moment (TRAPS G9). */
  readonly fraction: () => number;
  /** {@link LINK_BOUNDS} unless said otherwise. */
  readonly bounds?: LinkBounds;
  /** A stream is over, whether it was ever open or not. */
  readonly onEnded?: (end: StreamEnd) => void;
}

export interface StreamEnd extends DuplexEnd {
  readonly opened: boolean;
}

const BACK_OFF_MS_FIRST = 50;
const BACK_OFF_MS_MAX = 500;

export class LastingLink {
  readonly #options: LastingLinkOptions;
  #link: AskingLink | undefined;
  /** Told to end, with requests still under way. */
  readonly #retired = new Set<AskingLink>();
  #backOffMs = BACK_OFF_MS_FIRST;
  #notBefore = 0;
  #lastFailure = '';
  #closed = false;
  #onIdle: () => void = () => {};

  constructor(options: LastingLinkOptions) {
    this.#options = options;
  }

  /** It owes answers and is silent: better ask another. */
  get suspect(): boolean {
    return this.#link?.suspect ?? false;
  }

  /** Requests without an answer. */
  get underWay(): number {
    const retired = [...this.#retired].reduce((sum, { underWay }) => sum + underWay, 0);
    return retired + (this.#link?.underWay ?? 0);
  }

  /** @returns why nothing is sent, and then `settle` is not called; undefined if it will be */
  ask(asking: Asking): Refusal | undefined {
    const link = this.#current();
    return link instanceof AskingLink ? link.ask(asking) : link;
  }

  /**
   * A fresh stream from the next request on, without waiting; what is under way on the old one comes to its
   * end there.
   */
  renew(): void {
    this.#backOffMs = BACK_OFF_MS_FIRST;
    this.#notBefore = 0;
    const link = this.#leave();
    if (link === undefined) return;
    this.#retired.add(link);
    link.retire();
  }

  /** Takes nothing new; says so when what is under way has come to its end. */
  retire(onIdle: () => void): void {
    this.renew();
    this.#closed = true;
    this.#onIdle = onIdle;
    this.#tellIdle();
  }

  /** Cuts off what is under way. */
  close(): void {
    this.#closed = true;
    const link = this.#leave();
    if (link !== undefined) this.#retired.add(link);
    for (const open of [...this.#retired]) open.close('this side was closed');
  }

  #current(): AskingLink | Refusal {
    if (this.#closed) return { because: 'not reachable', why: 'this side is closed' };
    if (this.#link?.retired) this.renew();
    if (this.#link !== undefined) return this.#link;
    if (this.#options.clock.now() < this.#notBefore)
      return { because: 'not reachable', why: this.#lastFailure };
    return this.#open();
  }

  #open(): AskingLink {
    const { bounds = LINK_BOUNDS, ...options } = this.#options;
    const link: AskingLink = new AskingLink({ ...options, bounds, onEnded: end => this.#ended(link, end) });
    this.#link = link;
    return link;
  }

  #ended(link: AskingLink, end: DuplexEnd): void {
    this.#retired.delete(link);
    if (link === this.#link) {
      this.#link = undefined;
      if (link.proven) this.#backOffMs = BACK_OFF_MS_FIRST;
      if (end.status !== 0 || !link.proven) this.#backOff(end.why);
    }
    this.#options.onEnded?.({ ...end, opened: link.opened });
    this.#tellIdle();
  }

  /** The current stream, which is so no longer. */
  #leave(): AskingLink | undefined {
    const link = this.#link;
    this.#link = undefined;
    return link;
  }

  #backOff(why: string): void {
    const { clock, fraction } = this.#options;
    this.#lastFailure = why;
    this.#notBefore = clock.now() + (this.#backOffMs * (1 + fraction())) / 2;
    this.#backOffMs = Math.min(this.#backOffMs * 2, BACK_OFF_MS_MAX);
  }

  #tellIdle(): void {
    if (!this.#closed || this.#retired.size > 0) return;
    this.#onIdle();
    this.#onIdle = () => {};
  }
}
