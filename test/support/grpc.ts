/** A plain gRPC client, as anybody might write one: no SDK, no retries. */
import { Client, type ClientUnaryCall, credentials, type ServiceError } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import type { ShoalError } from '../../src/base/errors.ts';
import { loadProtos } from '../../src/wire/protos.ts';
import { DETAILS_HEADER, fromStatus } from '../../src/wire/status.ts';

export const protos = loadProtos();

const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

export function plainClient(address: string): Client {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
  });
  onTestFinished(() => client.close());
  return client;
}

/** What it takes to call a unary method. */
export interface Sendable<I, O> {
  readonly path: string;
  readonly requestSerialize: (message: I) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => O;
}

export interface Asked<O> {
  readonly call: ClientUnaryCall;
  readonly reply: Promise<O>;
}

/** Without `withinMs` the call has no deadline. */
export function ask<I, O>(
  client: Client,
  { method, message, withinMs }: { method: Sendable<I, O>; message: I; withinMs?: number },
): Asked<O> {
  const { promise, resolve, reject } = withResolvers<O>();
  const options = withinMs === undefined ? {} : { deadline: Date.now() + withinMs };
  const { path, requestSerialize, responseDeserialize } = method;
  const call = client.makeUnaryRequest(
    path,
    requestSerialize,
    responseDeserialize,
    message,
    options,
    (error, reply) => {
      if (error === null) resolve(reply as O);
      else reject(error);
    },
  );
  return { call, reply: promise };
}

/** How a call failed. */
export async function failureOf(reply: Promise<unknown>): Promise<ServiceError> {
  try {
    await reply;
  } catch (error) {
    return error as ServiceError;
  }
  throw new Error('the call did not fail');
}

/** How a write failed, in our words, from its details. */
export async function shoalFailureOf(reply: Promise<unknown>): Promise<ShoalError> {
  const error = await failureOf(reply);
  const details = error.metadata.get(DETAILS_HEADER)[0] as Buffer | undefined;
  return fromStatus({ code: error.code, message: error.details, details }, { write: true, protos });
}

export interface Resolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export function withResolvers<T>(): Resolvers<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
