/**
 * The messages as loaded from `proto/`: how they are encoded, for whoever speaks gRPC and for error details.
 * The one place that knows proto-loader and its options; the types in src/gen are generated with the same
 * ones.
 */
import { fileURLToPath } from 'node:url';
import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';
import type { ErrorInfo, ErrorInfo__Output } from '../gen/google/rpc/ErrorInfo.ts';
import type { Status, Status__Output } from '../gen/google/rpc/Status.ts';
import type { PeerDefinition } from '../gen/shoal/peer/v1/Peer.ts';
import type { ClusterDefinition } from '../gen/shoal/v1/Cluster.ts';
import type { KVDefinition } from '../gen/shoal/v1/KV.ts';
import { type Codec, loadMessages, type Messages } from './messages.ts';

export interface Protos {
  readonly kv: KVDefinition;
  readonly cluster: ClusterDefinition;
  readonly peer: PeerDefinition;
  /** For what goes over streams, and for the methods of KV. */
  readonly messages: Messages;
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
  const messages = loadMessages();
  return {
    kv: quickly(find('shoal.v1.KV') as KVDefinition, messages),
    messages,
    cluster: find('shoal.v1.Cluster') as ClusterDefinition,
    peer: find('shoal.peer.v1.Peer') as PeerDefinition,
    status: find('google.rpc.Status') as Protos['status'],
    errorInfo: find('google.rpc.ErrorInfo') as Protos['errorInfo'],
    all,
  };
}

/**
 * With the encoding of messages.ts: of the cost of a unary call it is little, but it is paid on every one.
 */
function quickly(kv: KVDefinition, messages: Messages): KVDefinition {
  const { getRequest, getResponse, putRequest, putResponse, deleteRequest, deleteResponse } = messages;
  return {
    ...kv,
    Get: { ...kv.Get, ...serializers(getRequest, getResponse) },
    Put: { ...kv.Put, ...serializers(putRequest, putResponse) },
    Delete: { ...kv.Delete, ...serializers(deleteRequest, deleteResponse) },
  };
}

function serializers<I, IO, O, OO>(request: Codec<I, IO>, response: Codec<O, OO>) {
  return {
    requestSerialize: request.encode,
    requestDeserialize: request.decode,
    responseSerialize: response.encode,
    responseDeserialize: response.decode,
  };
}
