/**
 * What a write may let a record grow to (DESIGN §9, §13): a put, or a delete by its context, which brings no
 * value but a vector. A merge may exceed it, for what was acknowledged elsewhere is never refused.
 */
import { ShoalError } from '../../base/errors.ts';
import { RECORD_BYTES_MAX, SIBLINGS_MAX } from '../limits.ts';
import { sealedSize } from './codec.ts';
import type { Record } from './record.ts';

/**
 * A write that shrinks the record is never refused: it is the way out.
 * @throws ShoalError TOO_MANY_SIBLINGS, RECORD_TOO_LARGE
 */
export function checkGrowth({ before, after }: { before: Record; after: Record }): void {
  const siblings = after.siblings.length;
  if (siblings > SIBLINGS_MAX && siblings > before.siblings.length) {
    throw new ShoalError(
      'TOO_MANY_SIBLINGS',
      `the key would have ${siblings} siblings, at most ${SIBLINGS_MAX} are allowed; read it and write with the context it gives`,
    );
  }
  const size = sealedSize(after);
  if (size > RECORD_BYTES_MAX && size > sealedSize(before)) {
    throw new ShoalError(
      'RECORD_TOO_LARGE',
      `the key's record would have ${size} bytes, at most ${RECORD_BYTES_MAX} are allowed; read it and write with the context it gives`,
    );
  }
}
