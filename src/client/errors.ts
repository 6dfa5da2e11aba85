/**
 * The errors of the SDK that are not a node's answer to a request; those are ShoalError (src/base/errors.ts).
 */
import type { ShownValues } from './shown.ts';

/** A key was read as if it had one value, and has several: nothing failed, somebody has to merge them. */
export class SeveralValuesError extends Error {
  override readonly name = 'SeveralValuesError';
  /** With all the values, and the context to write over them. */
  readonly entry: ShownValues;

  constructor(entry: ShownValues) {
    const count = entry.siblings.length;
    super(
      `${entry.bucket}/${entry.key} has ${count} concurrent values; take entry.values, or merge with bucket.update()`,
    );
    this.entry = entry;
  }
}

/**
 * `update` wrote, acknowledged, and concurrent writes stand beside it that it could not merge before its
 * rounds or its time ran out. Nothing is lost: all values are there, and the next `update` of anybody merges
 * them.
 */
export class ContendedError extends Error {
  override readonly name = 'ContendedError';
  /** Its last write, with the values that stand beside it. */
  readonly written: ShownValues;

  /** @param cause what ended it, if that was an error */
  constructor(written: ShownValues, cause?: unknown) {
    const { bucket, key, siblings } = written;
    const count = siblings.length;
    super(
      `${bucket}/${key} was written, but ${count} concurrent value${count === 1 ? '' : 's'} could not be merged in time`,
      cause === undefined ? {} : { cause },
    );
    this.written = written;
  }
}
