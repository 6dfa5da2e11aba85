/**
 * One operation of load after the other: drawn, put on the target, counted. Of what fails, ShoalErrors are
 * counted; the rest are defects.
 */
import { ShoalError } from '../../client/index.ts';
import { type Clock, pause } from '../../ports/clock.ts';
import type { Draw } from './draw.ts';
import { keyName } from './keys.ts';
import type { Measurement } from './measurement.ts';
import type { Kind } from './mix.ts';
import type { Reply, Target } from './target.ts';
import { BESIDE, OVER_ALL, type Writes } from './writes.ts';

/**
 * After a failure. 1. Every node has asked not to be asked for a while; 2. the SDK refuses without sending
 * anything, at once; 3. without a pause a closed loop would be refused a million times a second, and hear
 * nothing of what comes from the network.
 */
const PAUSE_MS = 1;

export interface Parts {
  readonly target: Target;
  readonly clock: Clock;
  readonly draw: Draw;
  readonly writes: Writes;
  /** Updates stand beside what is there. */
  readonly blind: boolean;
}

export class Operations {
  readonly #parts: Parts;
  readonly #measurement: Measurement;

  /** @param measurement where all of them are counted */
  constructor(parts: Parts, measurement: Measurement) {
    this.#parts = parts;
    this.#measurement = measurement;
  }

  /** The next one. Rejects with a defect only. @param began when it begins, or was to begin */
  next(began: number): Promise<void> {
    const kind = this.#parts.draw.kind();
    return this.#counted(kind, began, this.#perform(kind));
  }

  /** Writes the key of this number. */
  load(key: number, began: number): Promise<void> {
    return this.#counted('insert', began, this.#parts.writes.put(key, OVER_ALL));
  }

  async #counted(kind: Kind, began: number, done: Promise<Reply>): Promise<void> {
    this.#measurement.began();
    try {
      const { siblings } = await done;
      this.#measurement.ended(kind, { began, now: this.#parts.clock.now() });
      this.#measurement.showed(siblings.length);
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      this.#measurement.failed(error.reason, { began, now: this.#parts.clock.now() });
      await pause(this.#parts.clock, PAUSE_MS);
    }
  }

  #perform(kind: Kind): Promise<Reply> {
    const { draw, writes, blind } = this.#parts;
    if (kind === 'insert') return this.#insert();
    const key = draw.key();
    if (kind === 'read') return this.#read(key);
    if (kind === 'rmw') return this.#readAndWrite(key);
    if (kind === 'delete') return writes.delete(key);
    return writes.put(key, blind ? BESIDE : writes.overLastSeen(key));
  }

  async #read(key: number): Promise<Reply> {
    const { target, writes } = this.#parts;
    const reply = await target.get(keyName(key));
    if (reply.siblings.length === 0) this.#measurement.foundNothing();
    writes.saw(key, reply);
    return reply;
  }

  async #readAndWrite(key: number): Promise<Reply> {
    const { writes } = this.#parts;
    const reply = await this.#read(key);
    return await writes.put(key, writes.over(reply));
  }

  async #insert(): Promise<Reply> {
    const { draw, writes } = this.#parts;
    const key = draw.keys.insert();
    try {
      return await writes.put(key, OVER_ALL);
    } finally {
      draw.keys.inserted(key);
    }
  }
}
