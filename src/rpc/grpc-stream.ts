/** A gRPC stream, at the side that serves it, as a Duplex. */
import { Metadata, type ServerDuplexStream } from '@grpc/grpc-js';
import type { DuplexEnd, OpenDuplex } from '../ports/duplex.ts';

const ENDED: DuplexEnd = { status: 0, why: 'this side ended it' };
const GONE: DuplexEnd = { status: 1, why: 'the other side is gone' };
/**
 * What is to be said at a cut goes behind what was written before. A side that has not read it by then is not
 * told.
 */
const LAST_WORD_MS = 1000;
/** HTTP/2's error code CANCEL: the stream is no longer needed (RFC 9113 §7). */
const CANCEL = 0x8;

/**
 * To be opened in the tick in which the call came: frames that arrive before are lost. That the client sends
 * no more (it emits 'end') does not end it: it may still want its answers.
 */
export function serverStream(call: ServerDuplexStream<Buffer, Buffer>): OpenDuplex {
  return events => {
    let isOver = false;
    let end = GONE;
    const over = () => {
      if (isOver) return;
      isOver = true;
      events.ended(end);
    };
    const unlessOver = (action: () => void) => {
      if (!isOver) action();
    };
    // The hello: only a process that runs sends it, whatever its kernel accepts.
    call.sendMetadata(new Metadata());
    call.on('data', (frame: Buffer) => unlessOver(() => events.frame(frame)));
    call.on('drain', () => unlessOver(() => events.drained()));
    // Also when all was sent, the status included: until then the stream, and what it holds in memory, is
    // there.
    call.on('cancelled', over);
    call.on('error', over);
    let waitingBytes = 0;
    return {
      write: frame => {
        waitingBytes += frame.byteLength;
        return call.write(frame as Buffer, () => {
          waitingBytes -= frame.byteLength;
        });
      },
      get waitingBytes() {
        return waitingBytes;
      },
      pause: () => void call.pause(),
      resume: () => void call.resume(),
      end: () => {
        end = ENDED;
        call.end();
      },
      cut: why => {
        if (isOver) return;
        end = why;
        over();
        call.emit('error', { code: why.status, details: why.why });
        resetLater(call);
      },
    };
  };
}

/** Otherwise a side that reads nothing would keep the stream for ever, with all that was written to it. */
function resetLater(call: ServerDuplexStream<Buffer, Buffer>): void {
  const timer = setTimeout(() => http2StreamOf(call)?.close(CANCEL), LAST_WORD_MS);
  call.on('cancelled', () => clearTimeout(timer));
  timer.unref();
}

interface Http2Stream {
  close(code: number): void;
}

interface Inner {
  readonly nextCall?: Inner;
  readonly stream?: Http2Stream;
}

/**
 * grpc-js cannot reset a stream from this side, and keeps what could, behind its interceptors, in fields that
 * its types call private.
 */
function http2StreamOf(call: ServerDuplexStream<Buffer, Buffer>): Http2Stream | undefined {
  let inner = (call as unknown as { readonly call?: Inner }).call;
  while (inner?.nextCall !== undefined) inner = inner.nextCall;
  return inner?.stream;
}
