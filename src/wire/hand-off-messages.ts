/**
 * HandOff between replicas, as messages; for the rules see replica-messages.ts. Each record is judged by
 * itself: one that is damaged on the way, or whose names no client could have written, is answered as not
 * held, and its neighbours are taken.
 */
import type {
  HandOffRequest as HandOffMessage,
  HandOffRequest__Output,
} from '../gen/shoal/peer/v1/HandOffRequest.ts';
import type { HandOffResponse, HandOffResponse__Output } from '../gen/shoal/peer/v1/HandOffResponse.ts';
import {
  HAND_OFF_BYTES_MAX,
  HAND_OFF_RECORDS_MAX,
  type HandOffReply,
  type Located,
} from '../ports/replica.ts';
import { locatedMessage, readLocated } from './scan-messages.ts';

export function handOffRequestMessage(records: readonly Located[], stamp: Uint8Array): HandOffMessage {
  return { stamp, records: records.map(locatedMessage) };
}

export interface HandedOff {
  /** Those that can be read. */
  readonly records: readonly Located[];
  /** What was said of them, as the answer about all that were sent. */
  among(reply: HandOffReply): HandOffReply;
}

/** Undefined when it is more than anybody sends at once. */
export function readHandOffRequest(message: HandOffRequest__Output): HandedOff | undefined {
  if (!isOneBatch(message)) return undefined;
  const read = message.records.map(readLocated);
  const records = read.filter(record => record !== undefined);
  return {
    records,
    among: ({ held }) => {
      const said = held.values();
      return { held: read.map(record => record !== undefined && said.next().value === true) };
    },
  };
}

export function handOffReplyMessage({ held }: HandOffReply): HandOffResponse {
  return { held: [...held] };
}

/** @param sent a word for each of them is due */
export function readHandOffReply(
  { held }: HandOffResponse__Output,
  sent: readonly Located[],
): HandOffReply | undefined {
  return held.length === sent.length ? { held } : undefined;
}

function isOneBatch({ records }: HandOffRequest__Output): boolean {
  if (records.length <= 1) return records.length === 1;
  const bytes = records.reduce((sum, { record }) => sum + record.byteLength, 0);
  return records.length <= HAND_OFF_RECORDS_MAX && bytes <= HAND_OFF_BYTES_MAX;
}
