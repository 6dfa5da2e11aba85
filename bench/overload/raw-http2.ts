/**
 * Just so much of HTTP/2 (RFC 9113) as it takes to ask unary calls by the ten thousand: headers spelled out,
 * the same each time, so that a request is three copies; of answers only whether they brought a message. A
 * gRPC library takes longer to ask than a node to refuse, and would be what is measured.
 */
import { Buffer } from 'node:buffer';

export const FRAME = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
} as const;
const FLAG = { endStream: 1, ack: 1, endHeaders: 4 } as const;
const HEAD_BYTES = 9;
const WINDOW_FIRST = 65_535;
const WINDOW_MAX = 2 ** 31 - 1;
const SETTING = { streams: 3, window: 4 } as const;

export interface Frame {
  readonly type: number;
  /** For what is answered: nothing more comes on this stream; for the others: it is an acknowledgement. */
  readonly ends: boolean;
  readonly stream: number;
  readonly payload: Buffer;
}

/** What a client says first: and that it takes whatever comes. */
export function greeting(): Buffer {
  const settings = Buffer.alloc(6);
  settings.writeUInt16BE(SETTING.window, 0);
  settings.writeUInt32BE(WINDOW_MAX, 2);
  const more = Buffer.alloc(4);
  more.writeUInt32BE(WINDOW_MAX - WINDOW_FIRST);
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
    frame({ type: FRAME.settings, flags: 0, payload: settings }),
    frame({ type: FRAME.windowUpdate, flags: 0, payload: more }),
  ]);
}

/** How many calls the other side takes at once, if these settings say so. */
export function streamsMaxIn({ payload }: Frame): number | undefined {
  for (let at = 0; at + 6 <= payload.length; at += 6)
    if (payload.readUInt16BE(at) === SETTING.streams) return payload.readUInt32BE(at + 2);
  return undefined;
}

export function acknowledged({ type, payload }: Frame): Buffer {
  return frame({ type, flags: FLAG.ack, payload: type === FRAME.ping ? payload : Buffer.alloc(0) });
}

/** A unary call with its one message; the number of its stream is still to be written in. */
export interface Request {
  readonly bytes: Buffer;
  /** Where in them the number of the stream stands. */
  readonly streamAt: readonly number[];
  /** Of those, how many the window of the connection is charged with. */
  readonly dataBytes: number;
}

export function request({ path, message }: { readonly path: string; readonly message: Buffer }): Request {
  const headers = frame({ type: FRAME.headers, flags: FLAG.endHeaders, payload: headerBlock(path) });
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  const payload = Buffer.concat([prefix, message]);
  const data = frame({ type: FRAME.data, flags: FLAG.endStream, payload });
  return {
    bytes: Buffer.concat([headers, data]),
    streamAt: [5, headers.length + 5],
    dataBytes: payload.length,
  };
}

/** The whole frames in there, and what is left of the next. */
export function framesIn(bytes: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= HEAD_BYTES) {
    const end = at + HEAD_BYTES + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    const stream = bytes.readUInt32BE(at + 5) & WINDOW_MAX;
    const ends = (bytes[at + 4]! & FLAG.endStream) !== 0;
    frames.push({ type: bytes[at + 3]!, ends, stream, payload: bytes.subarray(at + HEAD_BYTES, end) });
    at = end;
  }
  return { frames, rest: bytes.subarray(at) };
}

function frame(given: { readonly type: number; readonly flags: number; readonly payload: Buffer }): Buffer {
  const { type, flags, payload } = given;
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  return Buffer.concat([head, payload]);
}

/** Each field spelled out and kept in no table. */
function headerBlock(path: string): Buffer {
  const fields = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': path,
    ':authority': 'shoal',
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-timeout': '2000m',
  };
  const spelled = Object.entries(fields).flatMap(([name, value]) => [
    Buffer.from([0, name.length]),
    Buffer.from(name, 'latin1'),
    Buffer.from([value.length]),
    Buffer.from(value, 'latin1'),
  ]);
  return Buffer.concat(spelled);
}
