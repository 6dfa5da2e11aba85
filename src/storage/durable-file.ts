/**
 * The `DurableFile` on a disk: pretty-printed JSON that a person can read at 3 a.m., replaced whole or not at
 * all: write new, fsync, rename, fsync the folder. A crash at any point leaves the old file or the new one.
 *
 * The file bears its own inode number. A copy of it (cp -r, a restored backup, a cloned disk) has another
 * one, says what was true of another time or machine, and is told by that: its node draws a new incarnation
 * (DESIGN §4, TRAPS C6). Not every copy is told: a snapshot of a whole disk keeps inodes, and a number can be
 * used again. Hence the clean mark is not believed alone.
 */
import { Buffer } from 'node:buffer';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { checksum } from '../base/hash.ts';
import type { DurableFile, Held } from '../ports/durable-file.ts';
import { StoreFailed } from '../ports/store.ts';
import { errorCode, syncDirectory } from './files.ts';

const VERSION = 1;
const NOTE = 'Written by shoal. Do not edit: the checksum guards it.';
const ADVICE =
  'put it back as it was, or wipe the data directory and start the node again under the same name: it recovers from its peers';

/** What is in the file is not what was written: bit rot, a torn write, an editor. */
export class FileDamaged extends StoreFailed {
  readonly why: string;

  constructor(path: string, why: string) {
    super(`${path} is damaged (${why}): ${ADVICE}`, { corrupt: true });
    this.why = `${basename(path)}: ${why}`;
  }
}

interface Envelope {
  readonly note: string;
  readonly version: number;
  readonly checksum: string;
  /** Decimal digits: inode numbers may exceed 2^53. */
  readonly inode: string;
  readonly content: unknown;
}

export class DiskFile implements DurableFile {
  readonly #path: string;
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<Held | undefined> {
    const file = await this.#open();
    if (file === undefined) return undefined;
    try {
      const envelope = this.#parse(await file.readFile());
      return { content: envelope.content, copied: envelope.inode !== (await inodeOf(file)) };
    } catch (error) {
      throw error instanceof FileDamaged ? error : this.#failure('cannot be read', error);
    } finally {
      await file.close();
    }
  }

  /** One after the other: two at once would share the new file. */
  write(content: unknown): Promise<void> {
    const written = this.#last.then(() => this.#replace(content));
    this.#last = written.catch(() => undefined);
    return written;
  }

  async #open(): Promise<FileHandle | undefined> {
    try {
      return await open(this.#path, 'r');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw this.#failure('cannot be read', error);
    }
  }

  async #replace(content: unknown): Promise<void> {
    const next = `${this.#path}.new`;
    try {
      await writeDurably(next, content);
      await rename(next, this.#path);
      await syncDirectory(dirname(this.#path));
    } catch (error) {
      throw this.#failure('cannot be written', error);
    }
  }

  #parse(bytes: Uint8Array): Envelope {
    let envelope: Partial<Envelope> | null;
    try {
      envelope = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<Envelope> | null;
    } catch {
      throw this.#damaged('it is not JSON');
    }
    const { version, inode, content } = envelope ?? {};
    if (typeof version !== 'number' || typeof inode !== 'string') throw this.#damaged('fields are missing');
    if (version !== VERSION) throw this.#damaged(`version ${version} is unknown here, ${VERSION} is known`);
    const whole = seal({ inode, content });
    if (whole.checksum !== envelope?.checksum) throw this.#damaged('its checksum does not match');
    return whole;
  }

  #damaged(why: string): FileDamaged {
    return new FileDamaged(this.#path, why);
  }

  #failure(what: string, cause: unknown): StoreFailed {
    const name = basename(this.#path);
    return new StoreFailed(`${name} ${what}: ${(cause as Error).message}`, { cause });
  }
}

async function writeDurably(path: string, content: unknown): Promise<void> {
  const file = await open(path, 'w');
  try {
    const envelope = seal({ inode: await inodeOf(file), content });
    await file.writeFile(`${JSON.stringify(envelope, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The checksum is of the compact form of what matters, so that it does not depend on white space. */
function seal({ inode, content }: { inode: string; content: unknown }): Envelope {
  const sum = checksum(Buffer.from(JSON.stringify([VERSION, inode, content])));
  return { note: NOTE, version: VERSION, checksum: sum.toString(16).padStart(8, '0'), inode, content };
}

async function inodeOf(file: FileHandle): Promise<string> {
  return (await file.stat({ bigint: true })).ino.toString();
}
