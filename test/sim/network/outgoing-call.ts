/**
 * A unary call at the process that makes it, from the moment it is sent until its caller has an answer or
 * gives up.
 *
 * The hard question is what a caller may be told when no answer comes. `never left` must be true for ever,
 * since a write is then tried elsewhere as if it had never been tried: so a call that waits for a connection
 * has not been handed to the network at all, and never is once it has ended.
 */
import type { Timer } from '../../../src/ports/clock.ts';
import type { Status } from '../../../src/wire/status.ts';
import type { Process } from '../time/process.ts';
import type { Answer, IncomingCall } from './incoming-call.ts';
import type { Link } from './link.ts';
import type { Listener } from './listener.ts';
import { CallFailed, deadlinePassed, dropped, refused } from './statuses.ts';

export interface OutgoingParts {
  readonly from: Process;
  readonly address: string;
  readonly path: string;
  readonly bytes: Buffer;
  readonly budgetMs: number;
  readonly repeatable: boolean;
  /** To the other side, and back. */
  readonly out: Link;
  readonly back: Link;
  /** Whether a connection is open already: only that matters while the way is cut. */
  readonly isConnected: boolean;
  /** Who listens there now. */
  readonly listener: () => Listener | undefined;
  /** For the log. `way` 'out' is from caller to server. */
  readonly note: (way: 'out' | 'back', what: string, bytes?: Uint8Array) => void;
  /** Called once; undefined: nobody is left to be told. */
  readonly onEnd: (end: { readonly bytes: Buffer } | { readonly error: Error } | undefined) => void;
}

export class OutgoingCall {
  readonly #parts: OutgoingParts;
  readonly #timer: Timer;
  /** Who listened when it left: its bytes are for that process and no later one. */
  #addressee: Listener | undefined;
  /** Who got it. */
  #server: Listener | undefined;
  #incoming: IncomingCall | undefined;
  #state: 'connecting' | 'left' | 'ended' = 'connecting';
  #arrived = false;

  constructor(parts: OutgoingParts) {
    this.#parts = parts;
    this.#timer = parts.from.clock.after(parts.budgetMs, () => this.#giveUp(this.#deadlinePassed()));
    if (parts.isConnected) this.#leave();
    else this.#connect();
  }

  /** Its caller is no more. */
  abandon(): void {
    this.#giveUp(undefined);
  }

  /** Waits until both ways are open at once. */
  #connect(): void {
    if (this.#state !== 'connecting') return;
    const shut = [this.#parts.out, this.#parts.back].find(({ isCut }) => isCut);
    if (shut === undefined) this.#leave();
    else shut.onUncut(() => this.#connect());
  }

  #leave(): void {
    const { out, repeatable, bytes, listener, note } = this.#parts;
    this.#state = 'left';
    this.#addressee = listener();
    note('out', 'sent', bytes);
    out.send({ repeatable, arrive: () => this.#arrive(), broke: () => this.#broke() });
  }

  #arrive(): void {
    const there = this.#parts.listener();
    if (this.#arrived) {
      this.#arriveAgain(there);
      return;
    }
    this.#arrived = true;
    // The process it was sent to is gone, whatever has come in its place: its connection went with it.
    if (this.#addressee !== undefined && this.#addressee !== there) this.#answer({ failed: dropped() });
    else if (there === undefined) this.#answer({ failed: refused() });
    else this.#serve(there);
  }

  #serve(listener: Listener): void {
    this.#parts.note('out', 'arrives');
    this.#server = listener;
    this.#incoming = listener.take(this.#parts, answer => this.#answer(answer));
  }

  /** A copy: it is served like the first, but nobody waits for what comes of it, and nobody calls it back. */
  #arriveAgain(listener: Listener | undefined): void {
    if (listener === undefined || listener !== this.#server) return;
    this.#parts.note('out', 'arrives again');
    listener.take(this.#parts, () => {});
  }

  #answer(answer: Answer): void {
    const { back, note, from } = this.#parts;
    if ('bytes' in answer) note('back', 'answers', answer.bytes);
    else note('back', `answers ${answer.failed.code} ${answer.failed.message}`);
    const arrive = () => from.deliver(() => this.#end(answer));
    back.send({ repeatable: false, arrive, broke: () => this.#broke() });
  }

  #broke(): void {
    this.#parts.from.deliver(() => this.#end({ failed: dropped() }));
  }

  #deadlinePassed(): Status {
    const { budgetMs, address } = this.#parts;
    return deadlinePassed({ budgetMs, address: this.#state === 'connecting' ? undefined : address });
  }

  /** Tells the other side, which learns of it one way later. */
  #giveUp(failed: Status | undefined): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'left') {
      this.#parts.out.send({ repeatable: false, arrive: () => this.#goAway(), broke: () => {} });
    }
    this.#end(failed === undefined ? undefined : { failed });
  }

  #goAway(): void {
    // In bad weather it may overtake its request, and finds nothing yet to call back: then that is served for
    // nobody.
    this.#server?.process.deliver(() => this.#incoming?.cancel());
  }

  #end(answer: Answer | undefined): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#timer.cancel();
    this.#parts.note('back', said(answer));
    this.#parts.onEnd(ended(answer));
  }
}

function ended(answer: Answer | undefined): { bytes: Buffer } | { error: Error } | undefined {
  if (answer === undefined) return undefined;
  return 'bytes' in answer ? { bytes: answer.bytes as Buffer } : { error: new CallFailed(answer.failed) };
}

function said(answer: Answer | undefined): string {
  if (answer === undefined) return 'is abandoned';
  return 'failed' in answer ? `ends ${answer.failed.code} ${answer.failed.message}` : 'ends';
}
