/**
 * Answers to clients, as messages and as the types of src/ports/requests.ts (`read…` and `…Message`, as in
 * requests.ts).
 */
import { asBuffer } from '../base/bytes.ts';
import type { GetResponse, GetResponse__Output } from '../gen/shoal/v1/GetResponse.ts';
import type { PutResponse, PutResponse__Output } from '../gen/shoal/v1/PutResponse.ts';
import type { Replicas__Output } from '../gen/shoal/v1/Replicas.ts';
import type { Sibling, Sibling__Output } from '../gen/shoal/v1/Sibling.ts';
import type { GetReply, Replicas, ShownSibling, WriteReply } from '../ports/requests.ts';
import { storedValue, valueMessage } from './value.ts';

export function getReplyMessage({ siblings, context, replicas }: GetReply): GetResponse {
  return { siblings: siblings.map(siblingMessage), context: asBuffer(context), replicas };
}

/** The answer to a put; that to a delete has the same shape. */
export function writeReplyMessage({ siblings, context, replicas }: WriteReply): PutResponse {
  return { context: asBuffer(context), replicas, siblings: siblings.map(siblingMessage) };
}

export function readGetReply({ siblings, context, replicas }: GetResponse__Output): GetReply {
  return { siblings: siblings.map(readSibling), context, replicas: readReplicas(replicas) };
}

/** The answer to a put or a delete. */
export function readWriteReply({ siblings, context, replicas }: PutResponse__Output): WriteReply {
  return { siblings: siblings.map(readSibling), context, replicas: readReplicas(replicas) };
}

function siblingMessage({ value, writtenAtMs }: ShownSibling): Sibling {
  return { value: valueMessage(value), writtenAtMs };
}

function readSibling({ value, writtenAtMs }: Sibling__Output): ShownSibling {
  return { value: storedValue(value), writtenAtMs };
}

function readReplicas(replicas: Replicas__Output | null): Replicas {
  const { required = 0, answered = 0, fallback = 0, unrepaired = 0 } = replicas ?? {};
  return { required, answered, fallback, unrepaired };
}
