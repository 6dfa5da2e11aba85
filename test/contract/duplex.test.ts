import { Server, ServerCredentials } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import { grpcDuplex } from '../../src/link/grpc-duplex.ts';
import { serverStream } from '../../src/rpc/grpc-stream.ts';
import { SERVER_OPTIONS } from '../../src/rpc/listen.ts';
import type { StreamHandler } from '../../src/rpc/service.ts';
import { MemoryWire } from '../support/memory-duplex.ts';
import { duplexContract, type MakeStreams } from './duplex.contract.ts';

const MIB = 1024 * 1024;
const PATH = '/test.Frames/Stream';

duplexContract('a stream in memory', async accept => {
  const wire = new MemoryWire({ accept });
  return { open: wire.open, crash: () => wire.break() };
});

duplexContract('a gRPC stream', overGrpc());

function overGrpc(): MakeStreams {
  return async accept => {
    const server = new Server(SERVER_OPTIONS);
    onTestFinished(() => server.forceShutdown());
    const handler: StreamHandler = call => {
      const sendsNoMore = accept(serverStream(call));
      call.on('end', sendsNoMore);
    };
    server.addService({ Stream: STREAM }, { Stream: handler });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const open = grpcDuplex({ address: `127.0.0.1:${port}`, path: PATH, frameBytesMax: MIB, proxied: false });
    return { open, crash: () => server.forceShutdown() };
  };
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
