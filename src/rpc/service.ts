/** Adds a service whose methods are all unary to a server: every method of its definition, with the types of its messages. */
import type { Server, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { MethodDefinition, ServiceDefinition } from '@grpc/proto-loader';
import type { Door, Method } from './serving.ts';
import { unary } from './unary.ts';

/** One method for each of the definition's, under its name. */
export type Methods<Definition> = {
  readonly [Name in keyof Definition]: Definition[Name] extends MethodDefinition<
    infer _,
    infer Reply,
    infer Request,
    infer __
  >
    ? Method<Request, Reply>
    : never;
};

export interface Service<Definition> {
  readonly definition: Definition;
  readonly methods: Methods<Definition>;
}

export function addService<Definition extends object>(
  server: Server,
  { definition, methods }: Service<Definition>,
  door: Door,
): void {
  const handlers: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries<Method<unknown, unknown>>(methods)) {
    handlers[name] = unary(door, method);
  }
  server.addService({ ...definition } as ServiceDefinition, handlers);
}
