/**
 * The limits of DESIGN §13, each tested at its edge, and the checks of what a client sends. Invalid input is
 * refused, never mended.
 */
import { Buffer } from 'node:buffer';
import { ShoalError } from '../base/errors.ts';

export const BUCKET_BYTES_MAX = 255;
export const KEY_BYTES_MAX = 1024;
export const VALUE_BYTES_MAX = 1024 * 1024;
export const SIBLINGS_MAX = 100;
export const RECORD_BYTES_MAX = 3 * 1024 * 1024;
export const REPLICAS_MAX = 7;
export const NODES_MAX = 256;
/**
 * Above this many entries a vector is an alarm (a key whose coordinators keep losing their memory), never a
 * refusal.
 */
export const VECTOR_ENTRIES_ALARM = 1000;

/**
 * Checks a bucket's and a key's name. A name with U+FFFD is refused because protobuf decoders put it where a
 * byte was not UTF-8, so that two different keys of a client would meet as one (DESIGN §4). NUL is refused
 * because people's tools cut names there.
 * @throws ShoalError BAD_KEY
 */
export function checkNames({ bucket, key }: { bucket: string; key: string }): void {
  checkName({ what: 'bucket', name: bucket, bytesMax: BUCKET_BYTES_MAX });
  checkName({ what: 'key', name: key, bytesMax: KEY_BYTES_MAX });
}

/** Of one byte each, and none of those that are refused: nearly all names. */
const PLAIN = /^[ -~]+$/;

function checkName({ what, name, bytesMax }: { what: string; name: string; bytesMax: number }): void {
  if (name.length <= bytesMax && PLAIN.test(name)) return;
  if (name.length === 0) throw new ShoalError('BAD_KEY', `${what} is empty`);
  const size = Buffer.byteLength(name);
  if (size > bytesMax)
    throw new ShoalError('BAD_KEY', `${what} has ${size} bytes, at most ${bytesMax} are allowed`);
  if (name.includes('\uFFFD')) throw new ShoalError('BAD_KEY', `${what} is not valid UTF-8`);
  if (!name.isWellFormed()) throw new ShoalError('BAD_KEY', `${what} is not valid Unicode`);
  if (name.includes('\0')) throw new ShoalError('BAD_KEY', `${what} contains a NUL character`);
}

/** @throws ShoalError BAD_VALUE */
export function checkValueSize(bytes: number): void {
  if (bytes > VALUE_BYTES_MAX) {
    throw new ShoalError('BAD_VALUE', `value has ${bytes} bytes, at most ${VALUE_BYTES_MAX} are allowed`);
  }
}

/** What is counted: R of a read, W of a write. */
export type QuorumOf = 'replies' | 'acknowledgements';

/**
 * The number of replies or acknowledgements a request needs: what it asks for, or the default when it asks
 * for 0.
 * @throws ShoalError BAD_QUORUM when it asks for more than there are replicas
 */
export function checkQuorum(
  asked: number,
  { fallback, n, what }: { readonly fallback: number; readonly n: number; readonly what: QuorumOf },
): number {
  if (asked === 0) return Math.min(fallback, n);
  if (!Number.isInteger(asked) || asked < 0 || asked > n) {
    throw new ShoalError(
      'BAD_QUORUM',
      `${asked} ${what} asked for, 1 to ${n} are possible (0 for the default)`,
    );
  }
  return asked;
}
