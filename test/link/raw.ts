/**
 * One side of a stream without a link on it: for frames that no link would send, and for a side that does not
 * read.
 */
import type { Duplex, DuplexEnd, DuplexEvents, OpenDuplex } from '../../src/ports/duplex.ts';
import type { Answer, Ask } from '../../src/wire/frame.ts';
import type { Rig } from './rig.ts';

/** Opens a stream to the answering side of a rig. */
export class RawAsker implements DuplexEvents {
  readonly duplex: Duplex;
  readonly answers: Answer[] = [];
  readonly ends: DuplexEnd[] = [];
  readonly #rig: Rig;

  constructor(rig: Rig) {
    this.#rig = rig;
    this.duplex = rig.wire.open(this);
  }

  /** In a frame of their own. */
  ask(...asks: readonly Partial<Ask>[]): void {
    const full = asks.map(ask => ({
      id: 1,
      method: 3,
      budgetMs: 0,
      body: Buffer.alloc(0),
      more: false,
      ...ask,
    }));
    this.duplex.write(this.#rig.dialect.encodeRequests({ sentAt: 0, asks: full, cancels: [] }));
  }

  opened(): void {}

  frame(bytes: Uint8Array): void {
    this.answers.push(...this.#rig.dialect.decodeResponses(bytes)!.answers);
  }

  drained(): void {}

  ended(end: DuplexEnd): void {
    this.ends.push(end);
  }
}

/**
 * A stream that goes nowhere: what it is told comes from the test, at once, and so does whatever that throws.
 */
export class Socket implements Duplex {
  events: DuplexEvents | undefined;
  readonly written: Uint8Array[] = [];
  readonly cuts: DuplexEnd[] = [];
  takesMore = true;

  readonly open: OpenDuplex = events => {
    this.events = events;
    return this;
  };

  write(frame: Uint8Array): boolean {
    this.written.push(frame);
    return this.takesMore;
  }

  pause(): void {}

  resume(): void {}

  end(): void {}

  cut(why: DuplexEnd): void {
    this.cuts.push(why);
  }
}
