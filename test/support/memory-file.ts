/** The `DurableFile` and `Floor` of tests: what a disk would keep, in memory. */
import type { DurableFile, Held } from '../../src/ports/durable-file.ts';
import type { Floor } from '../../src/ports/floor.ts';

export class MemoryFile implements DurableFile {
  #text: string | undefined;
  copied = false;

  async read(): Promise<Held | undefined> {
    return this.#text === undefined ? undefined : { content: JSON.parse(this.#text), copied: this.copied };
  }

  async write(content: unknown): Promise<void> {
    this.#text = JSON.stringify(content);
    this.copied = false;
  }
}

export class MemoryFloor implements Floor {
  #batch: number | undefined;

  async read(): Promise<number | undefined> {
    return this.#batch;
  }

  note(batch: number): void {
    this.#batch = batch;
  }
}
