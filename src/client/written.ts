/**
 * An acknowledged write. It covers itself and the siblings it shows, so the next write may come `after` it
 * without a read.
 */
import type { Replicas, ShownValues, Sibling } from './shown.ts';

export class Written implements ShownValues {
  readonly bucket: string;
  readonly key: string;
  /**
   * Every *other* live value: what this write did not replace, because nobody had shown it to the writer.
   * Mostly none.
   */
  readonly siblings: readonly Sibling[];
  /** Opaque; hand the whole object on as `after`. */
  readonly context: Uint8Array;
  readonly replicas: Replicas;

  /** Made by `Bucket.put`, `delete` and `update`. */
  constructor(shown: ShownValues) {
    this.bucket = shown.bucket;
    this.key = shown.key;
    this.siblings = shown.siblings;
    this.context = shown.context;
    this.replicas = shown.replicas;
  }
}
