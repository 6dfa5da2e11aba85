/** A gRPC server whose streams are given to a test as duplexes, and the way to open them. */
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import { grpcDuplex } from '../../src/link/grpc-duplex.ts';
import type { OpenDuplex } from '../../src/ports/duplex.ts';
import { serverStream } from '../../src/rpc/grpc-stream.ts';
import { SERVER_OPTIONS } from '../../src/rpc/listen.ts';
import { uncompressedOnly } from '../../src/rpc/uncompressed.ts';

const MIB = 1024 * 1024;
const PATH = '/test.Frames/Stream';

export interface GrpcStreams {
  readonly open: OpenDuplex;
  /** As a process that is killed. */
  crash(): void;
}

/**
 * @param accept is given each stream in the moment it comes, and returns what to call when its opener has
 * ended its side
 */
export async function grpcStreams(accept: (open: OpenDuplex) => () => void): Promise<GrpcStreams> {
  const server = new Server({
    ...SERVER_OPTIONS,
    'grpc.max_receive_message_length': 4 * MIB,
    interceptors: [uncompressedOnly],
  });
  onTestFinished(() => server.forceShutdown());
  const handler = (call: Parameters<typeof serverStream>[0]) => {
    call.on('end', accept(serverStream(call)));
  };
  server.addService({ Stream: STREAM }, { Stream: handler });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const open = grpcDuplex({
    address: `127.0.0.1:${port}`,
    path: PATH,
    frameBytesMax: 4 * MIB,
    proxied: false,
  });
  return { open, crash: () => server.forceShutdown() };
}

const same = (bytes: Buffer) => bytes;
const STREAM = {
  path: PATH,
  requestStream: true,
  responseStream: true,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
};
