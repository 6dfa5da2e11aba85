/**
 * Which messages the simulated network may double. No transport of ours repeats what is not idempotent:
 * grpc-js retries nothing (peer-channel.ts), and the SDK repeats a put under its write id only. A doubled
 * overwrite or delete would break I2 by the network's doing, not by the node's.
 */
/** Of HandOnPutRequest and PutRequest; all else has none of it. */
interface MaybePut {
  readonly overwrite?: boolean;
  readonly writeId?: Uint8Array | string;
  readonly put?: MaybePut | null;
}

const NEVER: readonly string[] = ['Delete', 'HandOnDelete'];
const PUTS: readonly string[] = ['Put', 'HandOnPut'];

export function isRepeatable(method: string, message: unknown): boolean {
  if (NEVER.includes(method)) return false;
  if (!PUTS.includes(method)) return true;
  const { put, ...direct } = message as MaybePut;
  const { overwrite = false, writeId = '' } = put ?? direct;
  return !overwrite && writeId.length > 0;
}
