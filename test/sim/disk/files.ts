/**
 * What lies beside the store on a simulated disk: files that are replaced whole and durably, and the floor,
 * which is never synced.
 */
import type { SeededRandom } from '../../../src/base/random.ts';
import type { DurableFile, Held } from '../../../src/ports/durable-file.ts';
import type { Floor } from '../../../src/ports/floor.ts';
import type { StoreFailed } from '../../../src/ports/store.ts';
import { never, type Owner, type Pace } from './pace.ts';

export interface FileImage {
  /** JSON. */
  readonly text: string;
  readonly copied: boolean;
}

export interface FileParts {
  readonly pace: Pace;
  /** Why nothing can be written now. */
  unwritable(): StoreFailed | undefined;
}

export class SimFile {
  /** Undefined when it was never written. */
  held: FileImage | undefined;
  readonly #parts: FileParts;
  #underWay: string | undefined;

  constructor(parts: FileParts) {
    this.#parts = parts;
  }

  open(owner: Owner): DurableFile {
    let last: Promise<unknown> = Promise.resolve();
    return {
      read: () => (owner.alive ? this.#read() : never()),
      write: content => {
        const text = JSON.stringify(content);
        const written = last.then(() => (owner.alive ? this.#replace(owner, text) : never()));
        last = written.catch(() => undefined);
        return written;
      },
    };
  }

  /** The process has ended. @param landed whether a write that was under way has come to its end before */
  crashed({ landed }: { landed: boolean }): void {
    if (this.#underWay !== undefined && landed) this.held = { text: this.#underWay, copied: false };
    this.#underWay = undefined;
  }

  async #read(): Promise<Held | undefined> {
    if (this.held === undefined) return undefined;
    return { content: JSON.parse(this.held.text), copied: this.held.copied };
  }

  #replace(owner: Owner, text: string): Promise<void> {
    this.#underWay = text;
    return new Promise((resolve, reject) => {
      this.#parts.pace.begin(owner, () => {
        this.#underWay = undefined;
        const failure = this.#parts.unwritable();
        if (failure === undefined) this.held = { text, copied: false };
        owner.deliver(() => (failure ? reject(failure) : resolve()));
      });
    });
  }
}

/** How many older values of the floor may still be what lies on the platters. */
const NOTES = 32;

export class SimFloor {
  /** Newest last; the operating system has them all, the disk one of them or none. */
  #notes: number[] = [];

  get value(): number | undefined {
    return this.#notes.at(-1);
  }

  set value(value: number | undefined) {
    this.#notes = value === undefined ? [] : [value];
  }

  open(owner: Owner): Floor {
    return {
      read: () => (owner.alive ? Promise.resolve(this.value) : never()),
      note: batch => {
        if (owner.alive) this.#note(batch);
      },
    };
  }

  /** It is as it was, an older one, or gone. */
  powerCut(random: SeededRandom): void {
    const fate = random.fraction();
    if (fate < 0.5) return;
    this.value = fate < 0.75 ? this.#notes[random.below(this.#notes.length)] : undefined;
  }

  #note(batch: number): void {
    this.#notes.push(batch);
    if (this.#notes.length >= 2 * NOTES) this.#notes.splice(0, NOTES);
  }
}
