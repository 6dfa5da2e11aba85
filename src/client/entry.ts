/** A key as a read showed it. */
import { SeveralValuesError } from './errors.ts';
import type { Replicas, ShownValues, Sibling, Value } from './shown.ts';

export class Entry implements ShownValues {
  readonly bucket: string;
  readonly key: string;
  /** None: the key is absent. Several: concurrent writes that nobody has merged yet. */
  readonly siblings: readonly Sibling[];
  /** Opaque; hand the whole entry on as `after`. */
  readonly context: Uint8Array;
  readonly replicas: Replicas;

  /** Made by `Bucket.get`. */
  constructor(shown: ShownValues) {
    this.bucket = shown.bucket;
    this.key = shown.key;
    this.siblings = shown.siblings;
    this.context = shown.context;
    this.replicas = shown.replicas;
  }

  get exists(): boolean {
    return this.siblings.length > 0;
  }

  /** All values, in no order that means anything; empty when the key is absent. */
  get values(): readonly Value[] {
    return this.siblings.map(sibling => sibling.value);
  }

  /**
   * The value; undefined when the key is absent.
   * @throws SeveralValuesError when there are several: choose from `values`, or merge with `Bucket.update`
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
