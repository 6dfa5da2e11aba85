/**
 * A failed call as grpc-js sends it: its status, with our details and the time to stay away among the
 * trailers.
 */
import { Metadata, type StatusObject } from '@grpc/grpc-js';
import type { Protos } from '../wire/protos.ts';
import { DETAILS_HEADER, type Failure, PUSHBACK_HEADER, toStatus } from '../wire/status.ts';

export function grpcStatus(failure: Failure, protos: Protos): StatusObject {
  const { code, message, details, pushbackMs } = toStatus(failure, protos);
  const metadata = new Metadata();
  metadata.set(DETAILS_HEADER, details);
  if (pushbackMs !== undefined) metadata.set(PUSHBACK_HEADER, pushbackMs);
  return { code, details: message, metadata };
}
