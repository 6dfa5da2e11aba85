/**
 * Responses as proto3 JSON, as grpcurl prints them: camelCase names, 64-bit numbers as strings, bytes as
 * base64, defaults left out. The forms of the fields are not written by hand: the response is encoded, and
 * decoded with the options that make them.
 */
import type { Buffer } from 'node:buffer';
import { fileURLToPath } from 'node:url';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';

export type PublicMethod =
  | 'KV/Get'
  | 'KV/Put'
  | 'KV/Delete'
  | 'Cluster/Status'
  | 'Cluster/Locate'
  | 'Cluster/Repair';

/** `proto/` lies beside `src/` and `dist/` alike. */
const DIRECTORY = fileURLToPath(new URL('../../proto', import.meta.url));
const FILES = ['shoal/v1/kv.proto', 'shoal/v1/cluster.proto'];

const DEFAULTS: readonly unknown[] = [0, '0', '', false];
/**
 * By the field that a message stands in, those of its fields that are shown when they are set, whatever they
 * hold: the members of `Value.kind`, and what is `optional`.
 */
const WHEN_SET: Readonly<Record<string, readonly string[]>> = {
  value: ['bytes', 'text'],
  with: ['leftMs', 'agreedMs'],
  refill: ['leftMs'],
};
/** Entries of a map are all shown. */
const MAPS: readonly string[] = ['counters'];

/** The response of this method, with the field names of its message, as indented JSON without a line end. */
export function protoJson(method: PublicMethod, response: object): string {
  return indented(protoObject(method, response));
}

export function indented(json: object): string {
  return JSON.stringify(json, undefined, 2);
}

/** What is to be JSON. */
export function protoObject(method: PublicMethod, response: object): object {
  const [service = '', name = ''] = method.split('/');
  const all = loadSync(FILES, { longs: String, bytes: String, includeDirs: [DIRECTORY] });
  const { responseSerialize, responseDeserialize } = (all[`shoal.v1.${service}`] as ServiceDefinition)[name]!;
  const bytes: Buffer = responseSerialize(response);
  return withoutDefaults(responseDeserialize(bytes));
}

/** protobufjs shows whatever was set, defaults too. */
function withoutDefaults(message: object, whenSet: readonly string[] = []): object {
  const fields = Object.entries(message)
    .filter(([name, value]) => whenSet.includes(name) || !DEFAULTS.includes(value))
    .map(([name, value]) => [name, MAPS.includes(name) ? value : fieldWithoutDefaults(name, value)]);
  return Object.fromEntries(fields);
}

function fieldWithoutDefaults(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map(each => fieldWithoutDefaults(name, each));
  return typeof value === 'object' && value !== null ? withoutDefaults(value, WHEN_SET[name]) : value;
}
