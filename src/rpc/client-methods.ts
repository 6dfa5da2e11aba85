/**
 * The methods of shoal.v1.KV and shoal.v1.Cluster over this node's coordinator, overview and repairs:
 * messages into requests, answers into messages. Names, quorums and contexts are judged by the coordinator.
 */
import type { ClusterDefinition } from '../gen/shoal/v1/Cluster.ts';
import type { KVDefinition } from '../gen/shoal/v1/KV.ts';
import type { Overview, Repairs } from '../ports/overview.ts';
import type { Requests } from '../ports/requests.ts';
import type { Messages } from '../wire/messages.ts';
import { locationMessage, ringMessage, statusMessage } from '../wire/overview.ts';
import { PIPELINE_METHOD } from '../wire/pipeline-dialect.ts';
import { getReplyMessage, writeReplyMessage } from '../wire/replies.ts';
import { readDelete, readGet, readPut } from '../wire/requests.ts';
import { type Carriage, carriage } from './answering.ts';
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
  const { getRequest, getResponse, putRequest, putResponse, deleteRequest, deleteResponse } = messages;
  const get = carriage(Get, { bulk: false, request: getRequest, reply: getResponse });
  const put = carriage(Put, { bulk: false, request: putRequest, reply: putResponse });
  const deletion = carriage(Delete, { bulk: false, request: deleteRequest, reply: deleteResponse });
  return new Map([
    [PIPELINE_METHOD.Get, get],
    [PIPELINE_METHOD.Put, put],
    [PIPELINE_METHOD.Delete, deletion],
  ]);
}

export interface ClusterParts {
  readonly overview: Overview;
  readonly repairs: Repairs;
}

export function clusterMethods({ overview, repairs }: ClusterParts): Methods<ClusterDefinition> {
  return {
    Status: { name: 'Status', write: false, answer: () => statusMessage(overview.status()) },
    Locate: {
      name: 'Locate',
      write: false,
      answer: ({ bucket, key }) => locationMessage(overview.locate({ bucket, key })),
    },
    Ring: { name: 'Ring', write: false, answer: () => ringMessage(overview.ring()) },
    Repair: { name: 'Repair', write: false, answer: () => ({ ...repairs.repairNow() }) },
  };
}
