/**
 * A value as clients send it and as replicas keep it: kind u8 | the bytes. The kind is kept so that a text
 * comes back as a text; replicas never look inside. Kinds of later versions (counter, set, …) are shown as a
 * Value without a kind.
 */
import { Buffer } from 'node:buffer';
import { asBuffer, EMPTY } from '../base/bytes.ts';
import { ShoalError } from '../base/errors.ts';
import { checkValueSize } from '../core/limits.ts';
import type { Value } from '../gen/shoal/v1/Value.ts';

const BYTES = 0;
const TEXT = 1;

/**
 * The value of a client's put.
 * @throws ShoalError BAD_VALUE when there is none, or it is too large, or its text is not Unicode
 */
export function readValue(message: Value | null | undefined): Uint8Array {
  if (message?.text?.isWellFormed() === false) {
    throw new ShoalError('BAD_VALUE', 'value.text is not valid Unicode; send it as value.bytes');
  }
  const value = storedValue(message);
  if (value.byteLength > 0) checkValueSize(value.byteLength - 1);
  else
    throw new ShoalError(
      'BAD_VALUE',
      'there is no value; set value.bytes or value.text (either may be empty)',
    );
  return value;
}

/** A value as replicas keep it, of whatever size; empty when the message holds none of a kind known here. */
export function storedValue(message: Value | null | undefined): Uint8Array {
  const { bytes, text } = message ?? {};
  if (typeof text === 'string') return Buffer.concat([Uint8Array.of(TEXT), Buffer.from(text)]);
  if (bytes instanceof Uint8Array) return Buffer.concat([Uint8Array.of(BYTES), bytes]);
  return EMPTY;
}

/** The message for a value as replicas keep it; without a kind when that is not known here. */
export function valueMessage(stored: Uint8Array): Value {
  const content = asBuffer(stored).subarray(1);
  if (stored[0] === TEXT) return { text: content.toString('utf8') };
  return stored[0] === BYTES ? { bytes: content } : {};
}
