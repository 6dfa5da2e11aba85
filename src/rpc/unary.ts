/** A method as grpc-js wants it: what it hands over is an arrival; what was served goes back to it. */
import type { handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js';
import type { Protos } from '../wire/protos.ts';
import { grpcStatus } from './grpc-status.ts';
import { type Arrival, serve } from './serve.ts';
import type { Door, Method } from './serving.ts';

export function unary<I, O>(door: Door, method: Method<I, O>, protos: Protos): handleUnaryCall<I, O> {
  return (grpcCall, callback) => {
    serve(door, method, arrivalOf(grpcCall))
      .then(served => {
        if ('reply' in served) callback(null, served.reply);
        else callback(grpcStatus(served.failed, protos));
      })
      // Only gRPC can throw here; nobody else may lose the node for an answer that cannot be sent.
      .catch(error =>
        door.log.error('an answer could not be sent', { method: method.name, why: String(error) }),
      );
  };
}

function arrivalOf<I>(grpcCall: ServerUnaryCall<I, unknown>): Arrival<I> {
  return {
    message: grpcCall.request,
    budgetMs: leftMs(grpcCall.getDeadline()),
    cancelled: grpcCall.cancelled,
    onCancelled: action => grpcCall.once('cancelled', action),
  };
}

/** Milliseconds from now to a deadline of grpc-js: by the wall clock, from when the call was read. */
function leftMs(deadline: Date | number): number | undefined {
  return deadline === Number.POSITIVE_INFINITY ? undefined : Number(deadline) - Date.now();
}
