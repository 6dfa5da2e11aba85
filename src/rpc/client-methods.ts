/**
 * The methods of shoal.v1.KV and shoal.v1.Cluster over this node's coordinator and overview: messages into requests, answers into
 * messages. Names, quorums and contexts are judged by the coordinator.
 */
import type { ClusterDefinition } from '../gen/shoal/v1/Cluster.ts';
import type { KVDefinition } from '../gen/shoal/v1/KV.ts';
import type { Overview } from '../ports/overview.ts';
import type { Requests } from '../ports/requests.ts';
import type { Messages } from '../wire/messages.ts';
import { locationMessage, ringMessage, statusMessage } from '../wire/overview.ts';
import { PIPELINE_METHOD } from '../wire/pipeline-dialect.ts';
import { getReplyMessage, writeReplyMessage } from '../wire/replies.ts';
import { readDelete, readGet, readPut } from '../wire/requests.ts';
import type { Carriage } from './answering.ts';
import type { Methods } from './service.ts';

export function kvMethods(requests: Requests): Methods<KVDefinition> {
  return {
    Get: {
      name: 'Get',
      write: false,
      answer: async (message, call) => getReplyMessage(await requests.get(readGet(message), call)),
    },
    Put: {
      name: 'Put',
      write: true,
      bytes: ({ value }) => value?.bytes?.byteLength ?? value?.text?.length ?? 0,
      answer: async (message, call) => writeReplyMessage(await requests.put(readPut(message), call)),
    },
    Delete: {
      name: 'Delete',
      write: true,
      answer: async (message, call) => writeReplyMessage(await requests.delete(readDelete(message), call)),
    },
  };
}

/** The same methods for operations on a pipeline, by their numbers there. */
export function pipelineMethods(
  { Get, Put, Delete }: Methods<KVDefinition>,
  messages: Messages,
): ReadonlyMap<number, Carriage> {
  const get = { method: Get, bulk: false, request: messages.getRequest, reply: messages.getResponse };
  const put = { method: Put, bulk: false, request: messages.putRequest, reply: messages.putResponse };
  const deletion = {
    method: Delete,
    bulk: false,
    request: messages.deleteRequest,
    reply: messages.deleteResponse,
  };
  const { Get: getNumber, Put: putNumber, Delete: deleteNumber } = PIPELINE_METHOD;
  return new Map([
    [getNumber, get],
    [putNumber, put],
    [deleteNumber, deletion],
  ] as unknown as [number, Carriage][]);
}

export function clusterMethods(overview: Overview): Methods<ClusterDefinition> {
  return {
    Status: { name: 'Status', write: false, answer: () => statusMessage(overview.status()) },
    Locate: {
      name: 'Locate',
      write: false,
      answer: ({ bucket, key }) => locationMessage(overview.locate({ bucket, key })),
    },
    Ring: { name: 'Ring', write: false, answer: () => ringMessage(overview.ring()) },
  };
}
