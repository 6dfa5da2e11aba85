/**
 * What can be refused without asking a node. Nothing is mended, and all of it would otherwise be changed
 * silently on its way.
 */
import { Buffer } from 'node:buffer';
import { ShoalError } from '../base/errors.ts';
import { checkValueSize, type QuorumOf } from '../core/limits.ts';
import type { KeyName, Shown, Value } from './shown.ts';

/** The longest a timer of Node can wait: 24 days. */
const DEADLINE_MS_MAX = 2 ** 31 - 1;
const UINT32_MAX = 2 ** 32 - 1;

/** @throws RangeError */
export function checkDeadline(deadlineMs: number): number {
  if (deadlineMs > 0 && deadlineMs <= DEADLINE_MS_MAX) return deadlineMs;
  throw new RangeError(`deadlineMs is ${deadlineMs}; expected more than 0, at most ${DEADLINE_MS_MAX}`);
}

export type Transport = 'pipeline' | 'unary';

/** @throws RangeError */
export function checkTransport(transport: Transport): Transport {
  if (transport === 'pipeline' || transport === 'unary') return transport;
  throw new RangeError(`transport is ${String(transport)}; expected 'pipeline' or 'unary'`);
}

/** @throws RangeError */
export function checkRounds(rounds: number): number {
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  throw new RangeError(`rounds is ${rounds}; expected an integer of at least 1`);
}

/**
 * A number of replies or acknowledgements that can be sent as it is (protobuf makes 2^32 a 0, "the default").
 * Whether there are so many replicas, the server says.
 * @throws ShoalError BAD_QUORUM
 */
export function checkQuorum(asked: number | undefined, what: QuorumOf): number {
  const number = asked ?? 0;
  if (Number.isInteger(number) && number >= 0 && number <= UINT32_MAX) return number;
  throw new ShoalError('BAD_QUORUM', `${number} ${what} asked for; 1 to N are possible, 0 for the default`);
}

/**
 * The message that carries a value.
 * @throws ShoalError BAD_VALUE
 */
export function valueMessage(value: Value): { readonly text: string } | { readonly bytes: Uint8Array } {
  if (value instanceof Uint8Array) {
    checkValueSize(value.byteLength);
    return { bytes: value };
  }
  if (typeof value !== 'string') {
    throw new ShoalError('BAD_VALUE', `a value is a string or a Uint8Array, not ${typeof value}`);
  }
  if (!value.isWellFormed()) {
    throw new ShoalError('BAD_VALUE', 'the string is not valid Unicode; write it as bytes');
  }
  checkValueSize(Buffer.byteLength(value));
  return { text: value };
}

/**
 * The context to write with. Its server would refuse the one of another key, too; an empty one it would take
 * for "none".
 * @throws ShoalError BAD_CONTEXT when `after` does not show this very key
 */
export function contextOf(after: Shown, at: KeyName): Uint8Array {
  if (after.bucket !== at.bucket || after.key !== at.key) {
    const [shown, written] = [after, at].map(({ bucket, key }) => `${bucket}/${key}`);
    throw new ShoalError('BAD_CONTEXT', `\`after\` shows ${shown}, and ${written} is to be written`);
  }
  if (after.context.byteLength === 0) {
    throw new ShoalError('BAD_CONTEXT', '`after` has an empty context; read the key and write after that');
  }
  return after.context;
}
