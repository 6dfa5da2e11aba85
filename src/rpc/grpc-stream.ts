/** A gRPC stream, at the side that serves it, as a Duplex. */
import { Metadata, type ServerDuplexStream } from '@grpc/grpc-js';
import type { DuplexEnd, OpenDuplex } from '../ports/duplex.ts';

const OK = 0;
const CANCELLED = 1;

/**
 * To be opened in the tick in which the call came: frames that arrive before are lost. That the client sends no more (it emits 'end') does not
 * end it: it may still want its answers.
 */
export function serverStream(call: ServerDuplexStream<Buffer, Buffer>): OpenDuplex {
  return events => {
    let isOver = false;
    const over = (end: DuplexEnd) => {
      if (isOver) return;
      isOver = true;
      events.ended(end);
    };
    // The hello: only a process that runs sends it, whatever its kernel accepts.
    call.sendMetadata(new Metadata());
    call.on('data', (frame: Buffer) => events.frame(frame));
    call.on('drain', () => events.drained());
    call.on('cancelled', () => over({ status: CANCELLED, why: 'the other side is gone' }));
    call.on('error', error => over({ status: CANCELLED, why: String(error) }));
    return {
      write: frame => call.write(frame as Buffer),
      pause: () => void call.pause(),
      resume: () => void call.resume(),
      end: () => {
        call.end();
        over({ status: OK, why: 'this side ended it' });
      },
      cut: ({ status, why }) => {
        call.emit('error', { code: status, details: why });
      },
    };
  };
}
