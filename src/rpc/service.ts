/** Adds a service whose methods are all unary to a server: every method of its definition, with the types of its messages. */
import type { handleUnaryCall, Server } from '@grpc/grpc-js';
import type { MethodDefinition, ServiceDefinition } from '@grpc/proto-loader';

/** One handler a method, under the method's name. */
type Handlers<Definition> = {
  [Name in keyof Definition]: Definition[Name] extends MethodDefinition<
    infer _,
    infer Reply,
    infer Request,
    infer __
  >
    ? handleUnaryCall<Request, Reply>
    : never;
};

export function addService<Definition extends object>(
  server: Server,
  definition: Definition,
  handlers: Handlers<Definition>,
): void {
  server.addService({ ...definition } as ServiceDefinition, { ...handlers });
}
