/**
 * The stamp on every message between nodes but Meet, so that a replica of another cluster, epoch or ring refuses rather than
 * guess (DESIGN §5). Whether a stamp is admitted is the receiving node's judgement.
 */
import { bootId, clusterId, nodeName } from '../base/ids.ts';
import type { Stamp__Output, Stamp as StampMessage } from '../gen/shoal/peer/v1/Stamp.ts';
import type { Stamp } from '../ports/peers.ts';
import { isBetween, isHex, isText } from './foreign.ts';

const NODE_NAME_BYTES_MAX = 255;
const RING_DIGEST_DIGITS_MAX = 64;

export function stampMessage({
  clusterId,
  epoch,
  ringDigest,
  sender,
  recipient,
  bootId,
}: Stamp): StampMessage {
  return { clusterId, epoch, ringDigest, sender, recipient, bootId };
}

/** Undefined when it is missing or is no stamp. */
export function readStamp(message: Stamp__Output | null): Stamp | undefined {
  if (message === null || !isHex(message.clusterId, 16)) return undefined;
  const { epoch, ringDigest, sender, recipient } = message;
  if (!isNodeName(sender) || !isNodeName(recipient)) return undefined;
  if (!isEpoch(epoch) || !isRingDigest(ringDigest)) return undefined;
  if (!isHex(message.bootId, 32)) return undefined;
  const names = { sender: nodeName(sender), recipient: nodeName(recipient), bootId: bootId(message.bootId) };
  return { clusterId: clusterId(message.clusterId), epoch, ringDigest, ...names };
}

export function isEpoch(value: number): boolean {
  return isBetween(value, { min: 1, max: Number.MAX_SAFE_INTEGER });
}

export function isRingDigest(text: string): boolean {
  return text.length <= RING_DIGEST_DIGITS_MAX && isHex(text, text.length);
}

export function isNodeName(text: string): boolean {
  return text.length > 0 && isText(text, NODE_NAME_BYTES_MAX);
}
