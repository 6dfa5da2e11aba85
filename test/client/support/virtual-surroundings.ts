/** Time that passes only when somebody sleeps, and chance that always falls the same way. */
import type { Surroundings } from '../../../src/client/surroundings.ts';

export class VirtualSurroundings implements Surroundings {
  /** Milliseconds since the start. */
  time = 0;
  readonly slept: number[] = [];
  #drawn = 0;

  now(): number {
    return this.time;
  }

  wall(): number {
    return this.time;
  }

  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.time += ms;
  }

  fraction(): number {
    return 0;
  }

  bytes(size: number): Uint8Array {
    this.#drawn += 1;
    return new Uint8Array(size).fill(this.#drawn);
  }

  after(): { cancel(): void } {
    return { cancel: () => {} };
  }

  atEnd(action: () => void): void {
    setImmediate(action);
  }
}
