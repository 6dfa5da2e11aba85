/** What a coordinator refuses to let a record grow to (DESIGN §9, §13). A merge may exceed it: what was acknowledged elsewhere is never refused. */
import { ShoalError } from '../base/errors.ts';
import { RECORD_BYTES_MAX, SIBLINGS_MAX } from '../core/limits.ts';
import type { SealedRecord } from '../core/record-codec.ts';

/**
 * An update that shrinks is never refused: it is the way out.
 * @throws ShoalError TOO_MANY_SIBLINGS, RECORD_TOO_LARGE
 */
export function checkGrowth(before: SealedRecord | undefined, after: SealedRecord): void {
  const siblings = after.record.siblings.length;
  if (siblings > SIBLINGS_MAX && siblings > (before?.record.siblings.length ?? 0)) {
    throw new ShoalError(
      'TOO_MANY_SIBLINGS',
      `the key would have ${siblings} siblings, at most ${SIBLINGS_MAX} are allowed; read it and write with the context it gives`,
    );
  }
  const size = after.bytes.byteLength;
  if (size > RECORD_BYTES_MAX && size > (before?.bytes.byteLength ?? 0)) {
    throw new ShoalError(
      'RECORD_TOO_LARGE',
      `the key's record would have ${size} bytes, at most ${RECORD_BYTES_MAX} are allowed; read it and write with the context it gives`,
    );
  }
}
