/**
 * The stamp on every message between nodes but Meet, so that a replica of another cluster, epoch or ring
 * refuses rather than guess (DESIGN §5). Whether a stamp is admitted is the receiving node's judgement.
 */
import { EMPTY, equalBytes } from '../base/bytes.ts';
import { bootId, clusterId, nodeName } from '../base/ids.ts';
import type { Stamp__Output, Stamp as StampMessage } from '../gen/shoal/peer/v1/Stamp.ts';
import type { Stamp } from '../ports/stamp.ts';
import { isBetween, isHex, isText } from './foreign.ts';
import { decoded, type Messages } from './messages.ts';

/** As many senders as a node of a small cluster has; beyond, each costs what it did. */
const STAMPS_KEPT = 8;
const NODE_NAME_BYTES_MAX = 255;
const RING_DIGEST_DIGITS_MAX = 64;

function stampMessage({ clusterId, epoch, ringDigest, sender, recipient, bootId }: Stamp): StampMessage {
  return { clusterId, epoch, ringDigest, sender, recipient, bootId };
}

/**
 * Encodes stamps, and keeps the last: to encode one takes longer than all else in a message, and it changes
 * with the ring.
 */
export class StampWriter {
  readonly #codec: Messages['stamp'];
  #last: Stamp | undefined;
  #bytes = EMPTY;

  constructor({ stamp }: Pick<Messages, 'stamp'>) {
    this.#codec = stamp;
  }

  bytesOf(stamp: Stamp): Uint8Array {
    if (this.#last === undefined || !sameStamp(stamp, this.#last))
      this.#bytes = this.#codec.encode(stampMessage(stamp));
    this.#last = stamp;
    return this.#bytes;
  }
}

/** Reads stamps, and keeps the last of each of a few senders. */
export class StampReader {
  readonly #codec: Messages['stamp'];
  readonly #known: { readonly bytes: Uint8Array; readonly stamp: Stamp }[] = [];

  constructor({ stamp }: Pick<Messages, 'stamp'>) {
    this.#codec = stamp;
  }

  /** Undefined when it is missing or is no stamp. */
  read(bytes: Uint8Array): Stamp | undefined {
    const known = this.#known.find(other => equalBytes(other.bytes, bytes));
    if (known !== undefined) return known.stamp;
    const message = bytes.byteLength === 0 ? undefined : decoded(this.#codec, bytes);
    const stamp = message && readStamp(message);
    if (stamp === undefined) return undefined;
    if (this.#known.length >= STAMPS_KEPT) this.#known.shift();
    this.#known.push({ bytes: new Uint8Array(bytes), stamp });
    return stamp;
  }
}

/** Undefined when it is no stamp. */
function readStamp(message: Stamp__Output): Stamp | undefined {
  if (!isHex(message.clusterId, 16)) return undefined;
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

function sameStamp(a: Stamp, b: Stamp): boolean {
  return (
    a === b ||
    (a.recipient === b.recipient &&
      a.ringDigest === b.ringDigest &&
      a.epoch === b.epoch &&
      a.clusterId === b.clusterId &&
      a.sender === b.sender &&
      a.bootId === b.bootId)
  );
}
