/**
 * How one end of a stream notices that the other is out of reach: a ping now and then, and a bound on how
 * long its answer may take, as grpc-js has it. A ping is not sent here: whether it would come through and
 * back is looked up, which costs no message.
 */
import type { Clock, Timer } from '../../../src/ports/clock.ts';

export interface Pinged {
  /** Nobody there would read a ping now, or it would not get there and back. */
  readonly isSilent: () => boolean;
  /** A ping that is sent now. @returns whether its answer has come, to be asked later */
  readonly ping: () => () => boolean;
}

export interface Pace {
  readonly everyMs: number;
  readonly patienceMs: number;
}

/** Of src/link/grpc-duplex.ts: who opens a stream soon knows. */
export const OPENER: Pace = { everyMs: 2_000, patienceMs: 1_000 };
/** Of src/rpc/listen.ts: who serves it has no hurry. */
export const SERVER: Pace = { everyMs: 30_000, patienceMs: 5_000 };

export class Keepalive {
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #pinged: Pinged;
  readonly #onDead: () => void;
  #timer: Timer | undefined;

  constructor({ clock, pace, pinged, onDead }: KeepaliveOptions) {
    this.#clock = clock;
    this.#pace = pace;
    this.#pinged = pinged;
    this.#onDead = onDead;
  }

  start(): void {
    this.#timer = this.#clock.after(this.#pace.everyMs, () => this.#beat());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #beat(): void {
    const wasSilent = this.#pinged.isSilent();
    const answered = this.#pinged.ping();
    if (!wasSilent && answered()) {
      this.start();
      return;
    }
    this.#timer = this.#clock.after(this.#pace.patienceMs, () => {
      if (answered() && !(wasSilent && this.#pinged.isSilent())) this.start();
      else this.#onDead();
    });
  }
}

export interface KeepaliveOptions {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly pinged: Pinged;
  readonly onDead: () => void;
}
