/**
 * A gRPC stream, at the side that opens it, as a Duplex. Each has a connection of its own, which ends with
 * it: nothing is left of a back-off that a fresh one would have to sit out (DESIGN §7). Used by nodes and by
 * the SDK, which may not share a shell.
 */
import { type ChannelOptions, Client, credentials, type StatusObject } from '@grpc/grpc-js';
import type { Duplex, DuplexEnd, DuplexEvents, OpenDuplex } from '../ports/duplex.ts';
import { DETAILS_HEADER } from '../wire/status.ts';

export interface GrpcDuplexOptions {
  /** host:port */
  readonly address: string;
  /** `/package.Service/Method` */
  readonly path: string;
  /** The largest frame it takes. */
  readonly frameBytesMax: number;
  /** Whether a proxy that the environment names is used. */
  readonly proxied: boolean;
}

const UNAVAILABLE = 14;

/** The other side has answered, and takes frames; until then what is written waits in memory. */
export function grpcDuplex(options: GrpcDuplexOptions): OpenDuplex {
  const { address, path } = options;
  return events => {
    let client: Client;
    try {
      client = new Client(address, credentials.createInsecure(), channelOptions(options));
    } catch (error) {
      return nowhere(events, String(error));
    }
    const call = client.makeBidiStreamRequest(path, same, same);
    let isOver = false;
    const over = (end: DuplexEnd) => {
      if (isOver) return;
      isOver = true;
      client.close();
      events.ended(end);
    };
    call.on('metadata', () => {
      if (!isOver) events.opened();
    });
    call.on('data', (frame: Buffer) => {
      if (!isOver) events.frame(frame);
    });
    call.on('drain', () => {
      if (!isOver) events.drained();
    });
    call.on('status', (status: StatusObject) => over(endOf(status)));
    // Told by the status, too; unheard it would end the process.
    call.on('error', () => {});
    return {
      write: frame => call.write(frame as Buffer),
      pause: () => void call.pause(),
      resume: () => void call.resume(),
      end: () => call.end(),
      cut: end => {
        call.cancel();
        over(end);
      },
    };
  };
}

function endOf({ code, details: why, metadata }: StatusObject): DuplexEnd {
  const [details] = metadata.get(DETAILS_HEADER);
  return { status: code, why, details: typeof details === 'object' ? details : undefined };
}

/**
 * For an address that is none, as others may name one: grpc-js throws. It ends as if nobody listened there.
 */
function nowhere(events: DuplexEvents, why: string): Duplex {
  let isOver = false;
  const over = (end: DuplexEnd) => {
    if (isOver) return;
    isOver = true;
    events.ended(end);
  };
  void Promise.resolve().then(() => over({ status: UNAVAILABLE, why }));
  return { write: () => true, pause: () => {}, resume: () => {}, end: () => {}, cut: over };
}

function channelOptions({
  frameBytesMax,
  proxied,
}: Pick<GrpcDuplexOptions, 'frameBytesMax' | 'proxied'>): ChannelOptions {
  return {
    // What was under way is not to be sent again behind our back, and the buffer for it grows as long as a
    // stream lasts (TRAPS G5, G6).
    'grpc.enable_retries': 0,
    'grpc.keepalive_time_ms': 2000,
    'grpc.keepalive_timeout_ms': 1000,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': frameBytesMax,
    'grpc-node.max_session_memory': 256,
    // Otherwise a fresh stream would be given the old connection, and no kick would help.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_http_proxy': proxied ? 1 : 0,
    // The name service has no say in how this is called.
    'grpc.service_config_disable_resolution': 1,
  };
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
