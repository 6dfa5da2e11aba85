/**
 * What happened in a run, event by event: a hash of all of it, by which two runs of one seed are compared
 * (I13), and, when somebody wants to read it, the lines themselves.
 */
import { crc32 } from 'node:zlib';

export type About = 'fault' | 'client' | 'message' | 'disk' | 'node' | 'oracle';

export interface Line {
  /** Milliseconds since the run began, true time. */
  readonly at: number;
  readonly about: About;
  /** The key it concerns, if one. */
  readonly key: string | undefined;
  readonly text: string;
}

/** Told of each line as it happens: a run that ends its process, or never ends, has told all until then. */
export type OnLine = (line: Line) => void;

export class Trace {
  readonly #lines: Line[] | undefined;
  readonly #onLine: OnLine | undefined;
  #hash = 0;
  #events = 0;

  /** @param options.keep keep the lines; without, only their hash */
  constructor({ keep, onLine }: { keep: boolean; onLine?: OnLine | undefined }) {
    this.#lines = keep ? [] : undefined;
    this.#onLine = onLine;
  }

  note(at: number, line: { about: About; key?: string | undefined; text: string }): void {
    this.#events += 1;
    this.#hash = crc32(`${at} ${line.about} ${line.text}\n`, this.#hash);
    if (!this.isRead) return;
    const noted = { at, about: line.about, key: line.key, text: line.text };
    this.#lines?.push(noted);
    this.#onLine?.(noted);
  }

  /**
   * For readers only: what is said of it costs too much to say in every run, and its bytes are in the hash
   * anyway.
   */
  aside(at: number, lines: () => readonly Omit<Line, 'at'>[]): void {
    if (this.#lines !== undefined) for (const line of lines()) this.#lines.push({ at, ...line });
  }

  /** Bytes that went over the wire or to a disk: two runs must agree in every one. */
  bytes(bytes: Uint8Array): void {
    this.#hash = crc32(bytes, this.#hash);
  }

  /** Somebody reads the lines. */
  get isRead(): boolean {
    return this.#lines !== undefined || this.#onLine !== undefined;
  }

  get events(): number {
    return this.#events;
  }

  /** 8 hex digits. */
  get hash(): string {
    return this.#hash.toString(16).padStart(8, '0');
  }

  get lines(): readonly Line[] {
    return this.#lines ?? [];
  }
}
