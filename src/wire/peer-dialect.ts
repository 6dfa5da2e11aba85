/** Frames between nodes: shoal.peer.v1 LinkRequest and LinkResponse. */
import type { Dialect } from './frame.ts';
import { decodedFrame, type Messages } from './messages.ts';

const ID_MAX = 2 ** 32 - 1;
/**
 * A record of 3 MiB goes in a dozen pieces, so that what is small waits for one of them and not for all
 * (DESIGN §8).
 */
const PIECE_BYTES_MAX = 256 * 1024;
/**
 * A hundred siblings of 1 MiB and their names; with what may be begun of bulk it fits what a link puts
 * together (link/assembly.ts).
 */
const BODY_BYTES_MAX = 104 * 1024 * 1024;

export function peerDialect({ linkRequest, linkResponse }: Messages): Dialect {
  return {
    idMax: ID_MAX,
    pieceBytesMax: PIECE_BYTES_MAX,
    requestBytesMax: BODY_BYTES_MAX,
    answerBytesMax: BODY_BYTES_MAX,
    encodeRequests: ({ sentAt = 0, asks, cancels }) =>
      linkRequest.encode({ sentAtUs: sentAt * 1000, asks, cancels }),
    encodeResponses: ({ sentAt = 0, answers, draining = false }) =>
      linkResponse.encode({ sentAtUs: sentAt * 1000, answers, draining }),
    decodeRequests: bytes => {
      const frame = decodedFrame(linkRequest, bytes);
      // A moment that is none would make every deadline that is reckoned from it none (I10).
      if (frame === undefined || !Number.isFinite(frame.sentAtUs)) return undefined;
      return { sentAt: frame.sentAtUs / 1000, asks: frame.asks, cancels: frame.cancels };
    },
    decodeResponses: bytes => {
      const frame = decodedFrame(linkResponse, bytes);
      return frame && { sentAt: frame.sentAtUs / 1000, answers: frame.answers, draining: frame.draining };
    },
  };
}
