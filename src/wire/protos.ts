/**
 * The messages as loaded from `proto/`: how they are encoded, for whoever speaks gRPC and for error details.
 * The one place that knows proto-loader and its options; the types in src/gen are generated with the same ones.
 */
import { fileURLToPath } from 'node:url';
import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';
import type { ErrorInfo, ErrorInfo__Output } from '../gen/google/rpc/ErrorInfo.ts';
import type { Status, Status__Output } from '../gen/google/rpc/Status.ts';
import type { PeerDefinition } from '../gen/shoal/peer/v1/Peer.ts';
import type { ClusterDefinition } from '../gen/shoal/v1/Cluster.ts';
import type { KVDefinition } from '../gen/shoal/v1/KV.ts';

export interface Protos {
  readonly kv: KVDefinition;
  readonly cluster: ClusterDefinition;
  readonly peer: PeerDefinition;
  readonly status: MessageTypeDefinition<Status, Status__Output>;
  readonly errorInfo: MessageTypeDefinition<ErrorInfo, ErrorInfo__Output>;
  /** Every definition by its full name, for example `grpc.health.v1.Health`. */
  readonly all: PackageDefinition;
}

/** `proto/` lies beside `src/` and `dist/` alike. */
const DIRECTORY = fileURLToPath(new URL('../../proto', import.meta.url));

const FILES = [
  'shoal/v1/kv.proto',
  'shoal/v1/cluster.proto',
  'shoal/peer/v1/peer.proto',
  'grpc/health/v1/health.proto',
  'google/rpc/status.proto',
  'google/rpc/error_details.proto',
];

/** Reads and parses the files, some tens of milliseconds: once a process. */
export function loadProtos(): Protos {
  const all = loadSync(FILES, { longs: Number, defaults: true, oneofs: true, includeDirs: [DIRECTORY] });
  const find = (name: string): unknown => all[name];
  return {
    kv: find('shoal.v1.KV') as KVDefinition,
    cluster: find('shoal.v1.Cluster') as ClusterDefinition,
    peer: find('shoal.peer.v1.Peer') as PeerDefinition,
    status: find('google.rpc.Status') as Protos['status'],
    errorInfo: find('google.rpc.ErrorInfo') as Protos['errorInfo'],
    all,
  };
}
