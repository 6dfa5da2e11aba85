/**
 * What a reply showed of a key. The context travels in these objects, never in a hidden cache by key: a write replaces what *this*
 * object shows, whatever else the program has read meanwhile (I2).
 */
import { ShoalError } from '../base/errors.ts';
import { SeveralValuesError } from './errors.ts';

/** A string comes back as a string, bytes as bytes. At most 1 MiB. */
export type Value = string | Uint8Array;

/** One of the values that stand side by side under a key after concurrent writes. */
export interface Sibling {
  readonly value: Value;
  /** By the clock of the node that took the write. For people; it decides nothing. */
  readonly writtenAt: Date;
}

/** How many replicas stood behind an answer. */
export interface Replicas {
  /** Replies that were needed: R or W. */
  readonly required: number;
  /** Nodes that answered, each counted once. */
  readonly answered: number;
  /** How many of those were fallbacks, standing in for a primary. */
  readonly fallback: number;
  /** Reads only: by how many nodes the repair before the reply fell short of `required`; 0 when all is well. */
  readonly unrepaired: number;
}

/**
 * What the next write may come `after`: an {@link Entry}, a {@link Written}, or the three fields of one, kept anywhere (in a
 * session, in a form, in a file) between the read and the write.
 */
export interface Shown {
  readonly bucket: string;
  readonly key: string;
  /** Opaque; only the cluster that issued it understands it, and only for this bucket and key. */
  readonly context: Uint8Array;
}

/** A key as a read showed it. */
export class Entry implements Shown {
  readonly bucket: string;
  readonly key: string;
  /** None: the key is absent. Several: concurrent writes that nobody has merged yet. */
  readonly siblings: readonly Sibling[];
  readonly context: Uint8Array;
  readonly replicas: Replicas;

  /** Made by `Bucket.get`. */
  constructor(at: { readonly bucket: string; readonly key: string }, reply: Reply) {
    this.bucket = at.bucket;
    this.key = at.key;
    this.siblings = reply.siblings.map(sibling => readSibling(sibling, at));
    this.context = plain(reply.context);
    this.replicas = readReplicas(reply.replicas);
  }

  get exists(): boolean {
    return this.siblings.length > 0;
  }

  /** All values, in no order that means anything; empty when the key is absent. */
  get values(): readonly Value[] {
    return this.siblings.map(sibling => sibling.value);
  }

  /**
   * The value, undefined when the key is absent.
   * @throws SeveralValuesError when there are several: choose from `values`, or merge them with `Bucket.update`
   */
  get value(): Value | undefined {
    if (this.siblings.length > 1) throw new SeveralValuesError(this);
    return this.siblings[0]?.value;
  }

  /**
   * The value as a string, bytes read as UTF-8; undefined when the key is absent.
   * @throws SeveralValuesError, or TypeError when the bytes are not UTF-8
   */
  text(): string | undefined {
    const { value } = this;
    return value instanceof Uint8Array ? new TextDecoder('utf-8', { fatal: true }).decode(value) : value;
  }

  /**
   * The value parsed as JSON; undefined when the key is absent.
   * @throws SeveralValuesError, or SyntaxError when it is not JSON
   */
  json(): unknown {
    const text = this.text();
    return text === undefined ? undefined : JSON.parse(text);
  }
}

/** An acknowledged write. Covers itself and the siblings it shows, so the next write may come `after` it. */
export class Written implements Shown {
  readonly bucket: string;
  readonly key: string;
  /** Every *other* live value: what this write did not replace, because nobody had shown it to the writer. Mostly none. */
  readonly siblings: readonly Sibling[];
  readonly context: Uint8Array;
  readonly replicas: Replicas;

  /** Made by `Bucket.put`, `delete` and `update`. */
  constructor(at: { readonly bucket: string; readonly key: string }, reply: Reply) {
    this.bucket = at.bucket;
    this.key = at.key;
    this.siblings = reply.siblings.map(sibling => readSibling(sibling, at));
    this.context = plain(reply.context);
    this.replicas = readReplicas(reply.replicas);
  }
}

/** What the messages GetResponse, PutResponse and DeleteResponse have in common. */
export interface Reply {
  readonly siblings: readonly SiblingMessage[];
  readonly context: Uint8Array;
  readonly replicas: Replicas | null;
}

interface SiblingMessage {
  readonly value: { readonly text?: string; readonly bytes?: Uint8Array } | null;
  readonly writtenAtMs: number;
}

function readSibling(
  { value, writtenAtMs }: SiblingMessage,
  { bucket, key }: { bucket: string; key: string },
): Sibling {
  const content = value?.text ?? (value?.bytes && plain(value.bytes));
  if (content === undefined) {
    // To show it as empty would invite the program to write over it.
    throw new ShoalError(
      'BAD_VALUE',
      `${bucket}/${key} holds a kind of value this version of the SDK does not know`,
    );
  }
  return { value: content, writtenAt: new Date(writtenAtMs) };
}

/** A Uint8Array proper over the same memory, since a Buffer prints, compares and serializes differently. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readReplicas(replicas: Replicas | null): Replicas {
  const { required = 0, answered = 0, fallback = 0, unrepaired = 0 } = replicas ?? {};
  return { required, answered, fallback, unrepaired };
}
