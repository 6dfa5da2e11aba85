/**
 * Server reflection: what lets grpcurl and its like speak to a node without our proto files (DESIGN §8).
 * Serves the descriptors that buf made at build time, those of the public packages only; the ones of
 * proto-loader lose field names and maps.
 */
import { readFileSync } from 'node:fs';
import type { Server } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';

/** A FileDescriptorSet. `dist/` lies beside `src/`, and this file two folders below either's parent. */
const DESCRIPTORS = new URL('../../dist/descriptors.binpb', import.meta.url);

/** @throws Error when the descriptors were not built (`make build`) */
export function addReflection(server: Server): void {
  const fileDescriptorProtos = filesOf(readFileSync(DESCRIPTORS));
  new ReflectionService({ all: { fileDescriptorProtos } } as unknown as PackageDefinition).addToServer(
    server,
  );
}

/**
 * The files in a FileDescriptorSet, `repeated FileDescriptorProto file = 1`: tag 10, length as varint, bytes.
 */
function filesOf(set: Buffer): readonly Buffer[] {
  const files: Buffer[] = [];
  let at = 0;
  while (at < set.length) {
    let size = 0;
    let shift = 0;
    let byte: number;
    at += 1;
    do {
      byte = set.readUInt8(at++);
      size |= (byte & 127) << shift;
      shift += 7;
    } while (byte > 127);
    files.push(set.subarray(at, at + size));
    at += size;
  }
  return files;
}
