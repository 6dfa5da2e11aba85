/**
 * All that survives a process, on a disk that can lose its power between any two durable steps: what was
 * asked for after that never happens and never ends, and `afterCrash()` is what the next process finds.
 */
import type { DurableFile, Held } from '../../../src/ports/durable-file.ts';
import type { Floor } from '../../../src/ports/floor.ts';
import { type Entry, type Operation, type Range, type Store, StoreFailed } from '../../../src/ports/store.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { settled } from '../../support/settled.ts';

/** Shared by everything on one disk. */
class Power {
  /** The durable steps so far, in order. */
  readonly steps: string[] = [];
  /** How many may still be made. */
  left = Number.POSITIVE_INFINITY;

  async spend(step: string): Promise<void> {
    if (this.left <= 0) return new Promise(() => {});
    this.left -= 1;
    this.steps.push(step);
  }
}

class PoweredStore implements Store {
  /** A batch takes longer than whatever else is ready to run. */
  slow = false;
  readonly #memory: MemoryStore;
  readonly #power: Power;

  constructor(memory: MemoryStore, power: Power) {
    this.#memory = memory;
    this.#power = power;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#memory.get(key);
  }

  warm(keys: readonly Uint8Array[]): Promise<void> {
    return this.#memory.warm(keys);
  }

  async write(operations: readonly Operation[]): Promise<void> {
    if (this.slow) await settled();
    await this.#power.spend('batch');
    return this.#memory.write(operations);
  }

  scan(range: Range): Promise<readonly Entry[]> {
    return this.#memory.scan(range);
  }

  close(): Promise<void> {
    return this.#memory.close();
  }
}

export class PoweredFile implements DurableFile {
  readonly #name: string;
  readonly #power: Power;
  /** JSON; undefined when it was never written. To damage a file, change it. */
  text: string | undefined;
  copied = false;
  /** So many writes succeed; then every one fails. */
  soundWrites = Number.POSITIVE_INFINITY;
  /** Every write waits for it. */
  gate: Promise<void> | undefined;

  constructor(name: string, power: Power, text?: string) {
    this.#name = name;
    this.#power = power;
    this.text = text;
  }

  async read(): Promise<Held | undefined> {
    return this.text === undefined ? undefined : { content: JSON.parse(this.text), copied: this.copied };
  }

  async write(content: unknown): Promise<void> {
    const text = JSON.stringify(content);
    await this.gate;
    if (this.soundWrites <= 0) throw new StoreFailed(`${this.#name} cannot be written`);
    this.soundWrites -= 1;
    await this.#power.spend(this.#name);
    this.text = text;
    this.copied = false;
  }
}

class PlainFloor implements Floor {
  batch: number | undefined;

  async read(): Promise<number | undefined> {
    return this.batch;
  }

  note(batch: number): void {
    this.batch = batch;
  }
}

export class CrashingDisk {
  readonly power = new Power();
  /** What is in the store, and how to make it fail. */
  readonly memory: MemoryStore;
  readonly store: PoweredStore;
  readonly identity: PoweredFile;
  readonly cluster: PoweredFile;
  readonly floor = new PlainFloor();

  constructor(from?: CrashingDisk) {
    this.memory = from?.memory.reopened() ?? new MemoryStore();
    this.store = new PoweredStore(this.memory, this.power);
    this.identity = new PoweredFile('identity', this.power, from?.identity.text);
    this.identity.copied = from?.identity.copied ?? false;
    this.cluster = new PoweredFile('cluster', this.power, from?.cluster.text);
    this.floor.batch = from?.floor.batch;
  }

  /**
   * What the next process finds if this one dies now; also a backup, to which the disk can be rolled back.
   */
  afterCrash(): CrashingDisk {
    return new CrashingDisk(this);
  }
}
