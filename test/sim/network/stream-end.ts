/**
 * One end of a simulated stream as its process has it: what src/link/grpc-duplex.ts is for who opens it, and
 * src/rpc/grpc-stream.ts for who serves it. What it says to the other end is carried by a connection
 * (connection.ts); what reaches it runs when its process does.
 */
import type { Duplex, DuplexEnd, DuplexEvents } from '../../../src/ports/duplex.ts';
import type { Process } from '../time/process.ts';
import type { World } from '../time/world.ts';

/** Done at the other end, when it arrives there. */
export type Said = (other: StreamEnd) => void;

export interface StreamEndParts {
  readonly world: World;
  readonly process: Process;
  readonly events: DuplexEvents;
  readonly opens: boolean;
  /** So many frames unread by the other end fill it. */
  readonly framesMax: number;
  /** `frame`: what it is about. */
  readonly say: (said: Said, frame?: Uint8Array) => void;
  /** Undefined as long as there is none. */
  readonly other: () => StreamEnd | undefined;
  readonly count: (what: string) => void;
  /** The other end has said all that it will, and may still wait for more from here. For who serves it. */
  readonly onFinished: () => void;
  readonly onOver: () => void;
}

const OK = 0;
const CANCELLED = 1;
const UNAVAILABLE = 14;
export const REFUSED: DuplexEnd = {
  status: UNAVAILABLE,
  why: 'No connection established. Last error: connect ECONNREFUSED',
};
export const TURNED_AWAY: DuplexEnd = {
  status: UNAVAILABLE,
  why: 'DRAINING: this node is shutting down; ask another one (not applied)',
};
const DROPPED: DuplexEnd = { status: UNAVAILABLE, why: 'Connection dropped' };
const LEFT: DuplexEnd = { status: CANCELLED, why: 'the other side is gone' };

export class StreamEnd implements Duplex {
  readonly #parts: StreamEndParts;
  readonly #offEnd: () => void;
  /** Arrived, but not handed out: it is paused. */
  #waiting: (() => void)[] = [];
  #paused = false;
  /** Sent, and not read by the other end. */
  #unread = 0;
  #full = false;
  #finished = false;
  #over = false;

  constructor(parts: StreamEndParts) {
    this.#parts = parts;
    this.#offEnd = parts.process.onEnd(() => this.#died());
  }

  write(frame: Uint8Array): boolean {
    if (this.#isMute) return true;
    const { say, framesMax, count } = this.#parts;
    this.#unread += 1;
    this.#full = this.#unread >= framesMax;
    if (this.#full) count('stream: full');
    say(other => other.#inOrder(() => other.#read(frame)), frame);
    return !this.#full;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    const { world, process } = this.#parts;
    world.after(0, () => process.deliver(() => this.#handOut()));
  }

  end(): void {
    if (this.#isMute) return;
    this.#finished = true;
    this.#parts.say(other => other.#inOrder(() => other.#othersEnd()));
    if (!this.#parts.opens) this.over({ status: OK, why: 'this side ended it' });
  }

  cut(why: DuplexEnd): void {
    if (this.#over || !this.#parts.process.alive) return;
    // Who serves it can say why; who opened it cannot.
    this.#parts.say(other => other.over(this.#parts.opens ? LEFT : why));
    this.over(why);
  }

  /** The hello, for who opened it. */
  opened(): void {
    if (!this.#over) this.#parts.events.opened();
  }

  /** The connection is no more, and this end notices. */
  dropped(): void {
    this.over(this.#parts.opens ? DROPPED : LEFT);
  }

  over(end: DuplexEnd): void {
    if (this.#over) return;
    this.#close();
    this.#parts.events.ended(end);
  }

  /** Its process says nothing any more, or has said on this stream all that it may. */
  get #isMute(): boolean {
    return this.#over || this.#finished || !this.#parts.process.alive;
  }

  #inOrder(action: () => void): void {
    if (this.#over) return;
    if (this.#paused || this.#waiting.length > 0) this.#waiting.push(action);
    else action();
  }

  #handOut(): void {
    while (!this.#paused && !this.#over && this.#waiting.length > 0) this.#waiting.shift()!();
  }

  #read(frame: Uint8Array): void {
    if (this.#over) return;
    const { other, say, events } = this.#parts;
    if (other()!.#wasRead()) say(sender => sender.#drained());
    events.frame(frame);
  }

  /** @returns whether it takes more again, and has to be told */
  #wasRead(): boolean {
    this.#unread -= 1;
    const wasFull = this.#full;
    this.#full &&= this.#unread > this.#parts.framesMax / 2;
    return wasFull && !this.#full;
  }

  #drained(): void {
    if (!this.#over) this.#parts.events.drained();
  }

  #othersEnd(): void {
    if (this.#over) return;
    if (this.#parts.opens) this.over({ status: OK, why: 'the other side ended it' });
    else this.#parts.onFinished();
  }

  /** Its process is no more: nobody is left here to be told. */
  #died(): void {
    this.#close();
    this.#parts.say(other => other.dropped());
  }

  #close(): void {
    this.#over = true;
    this.#waiting = [];
    this.#offEnd();
    this.#parts.onOver();
  }
}
