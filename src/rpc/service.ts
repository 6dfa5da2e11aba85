/**
 * Adds a service to a server: a method for each unary one of its definition, with the types of its messages,
 * and a handler for each stream.
 */
import type { handleBidiStreamingCall, Server, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { MethodDefinition, ServiceDefinition } from '@grpc/proto-loader';
import type { Protos } from '../wire/protos.ts';
import type { Door, Method } from './serving.ts';
import { unary } from './unary.ts';

/** One method for each of the definition's, under its name; its streams are left out. */
export type Methods<Definition> = {
  readonly [Name in Exclude<
    keyof Definition,
    'Pipeline' | 'Link'
  >]: Definition[Name] extends MethodDefinition<infer _, infer Reply, infer Request, infer __>
    ? Method<Request, Reply>
    : never;
};

/** Frames of a stream, as bytes. */
export type StreamHandler = handleBidiStreamingCall<Buffer, Buffer>;

export interface Service<Definition> {
  readonly definition: Definition;
  readonly methods: Methods<Definition>;
  readonly streams?: Readonly<Record<string, StreamHandler>>;
  readonly protos: Protos;
}

export function addService<Definition extends object>(
  server: Server,
  { definition, methods, streams = {}, protos }: Service<Definition>,
  door: Door,
): void {
  const handlers: UntypedServiceImplementation = { ...streams };
  for (const [name, method] of Object.entries<Method<unknown, unknown>>(methods)) {
    handlers[name] = unary(door, method, protos);
  }
  const raw = Object.keys(streams).map(name => [name, ofBytes((definition as ServiceDefinition)[name]!)]);
  server.addService({ ...definition, ...Object.fromEntries(raw) } as ServiceDefinition, handlers);
}

/** A stream whose frames are encoded and decoded by those who send and read them. */
function ofBytes(method: MethodDefinition<object, object>) {
  const same = (bytes: Buffer) => bytes;
  return {
    ...method,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}
