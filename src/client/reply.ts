/** The messages GetResponse, PutResponse and DeleteResponse, which have one shape, as the SDK shows them. */
import { ShoalError } from '../base/errors.ts';
import type { KeyName, Replicas, ShownValues, Sibling } from './shown.ts';

export interface ReplyMessage {
  readonly siblings: readonly SiblingMessage[];
  readonly context: Uint8Array;
  readonly replicas: Replicas | null;
}

interface SiblingMessage {
  readonly value: { readonly text?: string; readonly bytes?: Uint8Array } | null;
  readonly writtenAtMs: number;
}

/** @throws ShoalError BAD_VALUE when there is a kind of value that this version does not know */
export function readReply({ bucket, key }: KeyName, reply: ReplyMessage): ShownValues {
  return {
    bucket,
    key,
    siblings: reply.siblings.map(sibling => readSibling(sibling, { bucket, key })),
    context: plain(reply.context),
    replicas: readReplicas(reply.replicas),
  };
}

/** An unknown value is refused: shown as empty, it would invite the program to write over it. */
function readSibling({ value, writtenAtMs }: SiblingMessage, { bucket, key }: KeyName): Sibling {
  const content = value?.text ?? (value?.bytes && plain(value.bytes));
  if (content !== undefined) return { value: content, writtenAt: new Date(writtenAtMs) };
  throw new ShoalError('BAD_VALUE', `${bucket}/${key} holds a kind of value that this version does not know`);
}

/** A Uint8Array proper over the same memory, since a Buffer prints, compares and serializes differently. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readReplicas(replicas: Replicas | null): Replicas {
  const { required = 0, answered = 0, fallback = 0, unrepaired = 0 } = replicas ?? {};
  return { required, answered, fallback, unrepaired };
}
