/**
 * What clients ask and get, as messages and as the types of src/ports/requests.ts. `read…` turns a message
 * into its core type, `…Message` the reverse; a request that is handed on to another node passes through
 * both.
 *
 * Checks the form only: names, quorum and what a context holds are checked by the coordinator, once
 * (core/limits). Unknown fields are dropped by the decoder, as proto3 wants.
 */
import { Buffer } from 'node:buffer';
import { asBuffer } from '../base/bytes.ts';
import { ShoalError } from '../base/errors.ts';
import { WRITE_ID_BYTES, type WriteId, writeId } from '../base/ids.ts';
import type { DeleteRequest as DeleteMessage, DeleteRequest__Output } from '../gen/shoal/v1/DeleteRequest.ts';
import type { GetRequest as GetMessage, GetRequest__Output } from '../gen/shoal/v1/GetRequest.ts';
import type { PutRequest as PutMessage, PutRequest__Output } from '../gen/shoal/v1/PutRequest.ts';
import type { DeleteRequest, GetRequest, PutRequest } from '../ports/requests.ts';
import { readValue, valueMessage } from './value.ts';

export function readGet({ bucket, key, r, strict }: GetRequest__Output): GetRequest {
  return { bucket, key, r, strict };
}

/** @throws ShoalError BAD_VALUE, BAD_CONTEXT */
export function readPut(message: PutRequest__Output): PutRequest {
  const { bucket, key, context, w, strict, overwrite } = message;
  if (overwrite && context.byteLength > 0) {
    throw new ShoalError(
      'BAD_CONTEXT',
      'overwrite replaces whatever is there, a context only what it has seen; send one of them',
    );
  }
  const value = readValue(message.value);
  return { bucket, key, value, context, w, strict, writeId: readWriteId(message.writeId), overwrite };
}

export function readDelete({ bucket, key, context, w, strict }: DeleteRequest__Output): DeleteRequest {
  return { bucket, key, context, w, strict };
}

export function getMessage({ bucket, key, r, strict }: GetRequest): GetMessage {
  return { bucket, key, r, strict };
}

export function putMessage(request: PutRequest): PutMessage {
  const { bucket, key, context, w, strict, overwrite } = request;
  const id = Buffer.from(request.writeId ?? '', 'latin1');
  return {
    bucket,
    key,
    value: valueMessage(request.value),
    context: asBuffer(context),
    w,
    strict,
    writeId: id,
    overwrite,
  };
}

export function deleteMessage({ bucket, key, context, w, strict }: DeleteRequest): DeleteMessage {
  return { bucket, key, context: asBuffer(context), w, strict };
}

function readWriteId(bytes: Uint8Array): WriteId | undefined {
  if (bytes.byteLength === 0) return undefined;
  if (bytes.byteLength === WRITE_ID_BYTES) return writeId(bytes);
  const size = `write_id has ${bytes.byteLength} bytes`;
  throw new ShoalError(
    'BAD_VALUE',
    `${size}; send ${WRITE_ID_BYTES} random ones, or none to have it drawn here`,
  );
}
