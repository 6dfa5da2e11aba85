/**
 * Which unary calls the simulated network may double: a stream repeats nothing, but clients of their own do.
 * None of ours repeats what is not idempotent: grpc-js retries nothing, and the SDK repeats a put under its
 * write id only. A doubled overwrite or delete would break I2 by the network's doing, not by the node's.
 */
/** Of PutRequest; all else has none of it. */
interface MaybePut {
  readonly overwrite?: boolean;
  readonly writeId?: Uint8Array | string;
}

export function isRepeatable(method: string, message: unknown): boolean {
  if (method === 'Delete') return false;
  if (method !== 'Put') return true;
  const { overwrite = false, writeId = '' } = message as MaybePut;
  return !overwrite && writeId.length > 0;
}
