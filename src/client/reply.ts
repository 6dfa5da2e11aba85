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
  const own = ownerOf(reply);
  return {
    bucket,
    key,
    siblings: reply.siblings.map(sibling => readSibling(sibling, { bucket, key, own })),
    context: own(reply.context),
    replicas: readReplicas(reply.replicas),
  };
}

/** An unknown value is refused: shown as empty, it would invite the program to write over it. */
function readSibling(
  { value, writtenAtMs }: SiblingMessage,
  { bucket, key, own }: KeyName & { readonly own: Own },
): Sibling {
  const content = value?.text ?? (value?.bytes && own(value.bytes));
  if (content !== undefined) return { value: content, writtenAt: new Date(writtenAtMs) };
  throw new ShoalError('BAD_VALUE', `${bucket}/${key} holds a kind of value that this version does not know`);
}

/** Bytes as the program gets them. */
type Own = (bytes: Uint8Array) => Uint8Array;

/**
 * Each a Uint8Array proper, since a Buffer prints, compares and serializes differently; and in memory of
 * their own, one piece for the whole reply. What came is a view of a frame with the answers of many others: a
 * program that keeps one value of a hundred bytes would keep half a mebibyte. Only what is most of its frame
 * is not copied.
 */
function ownerOf({ context, siblings }: ReplyMessage): Own {
  let size = context.byteLength;
  for (const { value } of siblings) size += value?.bytes?.byteLength ?? 0;
  if (size * 2 > context.buffer.byteLength) return view;
  const memory = new Uint8Array(size);
  let end = 0;
  return bytes => {
    memory.set(bytes, end);
    end += bytes.byteLength;
    return memory.subarray(end - bytes.byteLength, end);
  };
}

function view({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function readReplicas(replicas: Replicas | null): Replicas {
  const { required = 0, answered = 0, fallback = 0, unrepaired = 0 } = replicas ?? {};
  return { required, answered, fallback, unrepaired };
}
