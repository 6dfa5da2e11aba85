import { grpcStreams } from '../support/grpc-streams.ts';
import { MemoryWire } from '../support/memory-duplex.ts';
import { duplexContract } from './duplex.contract.ts';

duplexContract('a stream in memory', async accept => {
  const wire = new MemoryWire({ accept });
  return { open: wire.open, crash: () => wire.break() };
});

duplexContract('a gRPC stream', grpcStreams);
