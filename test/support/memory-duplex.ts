/**
 * Streams of frames within one process, as src/ports/duplex.ts wants them, that can be stopped, broken and
 * looked into. Everything happens in a later microtask, or, with a latency, when the clock comes to it: an
 * event never comes from within a call.
 */
import type { Clock } from '../../src/ports/clock.ts';
import type { Duplex, DuplexEnd, DuplexEvents, OpenDuplex } from '../../src/ports/duplex.ts';

/** As many frames may wait before `write` says false; gRPC's streams count objects, too. */
export const FRAMES_WAITING_MAX = 16;
const ENDED: DuplexEnd = { status: 0, why: 'ended' };
const GONE: DuplexEnd = { status: 1, why: 'the other side is gone' };
const BROKEN: DuplexEnd = { status: 14, why: 'the connection broke' };

export interface MemoryWireOptions {
  /**
   * What happens to each stream that is opened.
   * @returns what to do when the opener says that it sends no more
   */
  readonly accept: (open: OpenDuplex) => () => void;
  readonly latency?: { readonly clock: Clock; readonly ms: () => number };
}

/** A place that streams are opened to. */
export class MemoryWire {
  readonly #options: MemoryWireOptions;
  readonly #pairs: (readonly [End, End])[] = [];
  /** Streams opened so far. */
  opened = 0;
  /** It takes no streams: each ends at once. */
  refusing = false;
  /** It takes streams and says nothing, as a process that is stopped. */
  mute = false;
  #frozen = false;
  /** Of each frame that is written: what goes instead of it. */
  tamper: (frame: Uint8Array, by: 'opener' | 'accepter') => readonly Uint8Array[] = frame => [frame];

  constructor(options: MemoryWireOptions) {
    this.#options = options;
  }

  /** Frames that were written and not read yet, by whom. */
  waiting(by: 'opener' | 'accepter'): number {
    return this.#pairs.reduce((sum, [near, far]) => sum + (by === 'opener' ? near : far).waiting, 0);
  }

  readonly open: OpenDuplex = events => {
    this.opened += 1;
    const post = (action: () => void) => this.#post(action);
    const isFrozen = () => this.#frozen;
    const near = new End({ post, isFrozen, isOpener: true, tamper: frame => this.tamper(frame, 'opener') });
    const far = new End({ post, isFrozen, isOpener: false, tamper: frame => this.tamper(frame, 'accepter') });
    near.connect(far, events);
    if (this.refusing) post(() => near.over(BROKEN));
    else if (!this.mute) post(() => this.#accepted(near, far));
    this.#pairs.push([near, far]);
    return near;
  };

  /** Nothing gets through in either direction, until {@link thaw}. */
  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    for (const ends of this.#pairs) for (const end of ends) end.pump();
  }

  /** The connections break: both sides hear of it, each for itself. */
  break(): void {
    for (const [near, far] of this.#pairs.splice(0)) {
      this.#post(() => near.over(BROKEN));
      this.#post(() => far.over(BROKEN));
    }
  }

  #accepted(near: End, far: End): void {
    if (near.isOver) return;
    const sendsNoMore = this.#options.accept(events => {
      far.connect(near, events);
      return far;
    });
    near.onSentAll = sendsNoMore;
    far.onSentAll = () => {
      near.over(ENDED);
      far.over(ENDED);
    };
    this.#post(() => near.hello());
    near.pump();
  }

  #post(action: () => void): void {
    const { latency } = this.#options;
    if (latency === undefined) queueMicrotask(action);
    else latency.clock.after(latency.ms(), action);
  }
}

interface EndParts {
  readonly isOpener: boolean;
  readonly isFrozen: () => boolean;
  readonly post: (action: () => void) => void;
  readonly tamper: (frame: Uint8Array) => readonly Uint8Array[];
}

class End implements Duplex {
  isOver = false;
  onSentAll: (() => void) | undefined;
  readonly #parts: EndParts;
  #events: DuplexEvents | undefined;
  #other: End | undefined;
  #written: Uint8Array[] = [];
  #isReading = true;
  #isBlocked = false;
  #isEnding = false;
  #isPumping = false;

  constructor(parts: EndParts) {
    this.#parts = parts;
  }

  get waiting(): number {
    return this.#written.length;
  }

  connect(other: End, events: DuplexEvents): void {
    this.#other = other;
    this.#events = events;
  }

  hello(): void {
    if (!this.isOver) this.#events?.opened();
  }

  write(frame: Uint8Array): boolean {
    if (this.isOver || this.#isEnding) return true;
    this.#written.push(...this.#parts.tamper(frame));
    this.pump();
    this.#isBlocked = this.#written.length >= FRAMES_WAITING_MAX;
    return !this.#isBlocked;
  }

  pause(): void {
    this.#isReading = false;
  }

  resume(): void {
    this.#isReading = true;
    this.#other?.pump();
  }

  end(): void {
    this.#isEnding = true;
    this.pump();
  }

  cut(why: DuplexEnd): void {
    if (this.isOver) return;
    const told = this.#parts.isOpener ? GONE : why;
    this.over(why);
    this.#parts.post(() => this.#other?.over(told));
  }

  over(end: DuplexEnd): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#written = [];
    this.#events?.ended(end);
  }

  /** Brings what was written to the other side, one frame at a time. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#parts.post(() => {
      this.#isPumping = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const other = this.#other;
    if (other === undefined || this.isOver || other.isOver) return;
    if (this.#parts.isFrozen() || other.#events === undefined || !other.#isReading) return;
    const frame = this.#written.shift();
    if (frame !== undefined) {
      other.#events.frame(frame);
      this.pump();
    } else if (this.#isBlocked) {
      this.#isBlocked = false;
      this.#events?.drained();
      this.pump();
    } else if (this.#isEnding) {
      const sentAll = this.onSentAll;
      this.onSentAll = undefined;
      sentAll?.();
    }
  }
}
