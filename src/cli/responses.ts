/** What the SDK shows, as the response message it was made of: for `-o json`. */
import { Buffer } from 'node:buffer';
import { asBuffer } from '../base/bytes.ts';
import type { ClusterStatus, ShownValues, Sibling } from '../client/index.ts';

/** GetResponse, PutResponse or DeleteResponse, which have one shape. */
export function keyResponse({ siblings, context, replicas }: ShownValues): object {
  return { siblings: siblings.map(siblingMessage), context: asBuffer(context), replicas };
}

export function statusResponse(status: ClusterStatus): object {
  const { clusterId, ringDigest } = status;
  return { ...status, clusterId: Buffer.from(clusterId, 'hex'), ringDigest: Buffer.from(ringDigest, 'hex') };
}

function siblingMessage({ value, writtenAt }: Sibling): object {
  const content = typeof value === 'string' ? { text: value } : { bytes: asBuffer(value) };
  return { value: content, writtenAtMs: writtenAt.getTime() };
}
