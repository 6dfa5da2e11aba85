/**
 * The methods between nodes (proto/shoal/peer/v1): their numbers on a link, their messages, and which of them
 * are background work.
 */
import type { Codec, Messages } from '../wire/messages.ts';

/** A method with messages as they are made (`I`, `O`) and as they are read (`IRead`, `ORead`). */
export interface PeerMethod<I, IRead, O, ORead> {
  readonly name: string;
  readonly number: number;
  readonly bulk: boolean;
  readonly request: Codec<I, IRead>;
  readonly reply: Codec<O, ORead>;
}

export type PeerProtocol = ReturnType<typeof peerProtocol>;

export function peerProtocol(messages: Messages) {
  return {
    Read: method('Read', { number: 1, request: messages.readRequest, reply: messages.readResponse }),
    Apply: method('Apply', { number: 2, request: messages.applyRequest, reply: messages.applyResponse }),
    Scan: method('Scan', {
      number: 3,
      bulk: true,
      request: messages.scanRequest,
      reply: messages.scanResponse,
    }),
    HandOnPut: method('HandOnPut', {
      number: 4,
      request: messages.handOnPutRequest,
      reply: messages.handOnPutResponse,
    }),
    HandOnDelete: method('HandOnDelete', {
      number: 5,
      request: messages.handOnDeleteRequest,
      reply: messages.handOnDeleteResponse,
    }),
    HandOff: method('HandOff', {
      number: 9,
      bulk: true,
      request: messages.handOffRequest,
      reply: messages.handOffResponse,
    }),
    CompareSums: method('CompareSums', {
      number: 10,
      request: messages.compareSumsRequest,
      reply: messages.compareSumsResponse,
    }),
    CompareNodes: method('CompareNodes', {
      number: 11,
      request: messages.compareNodesRequest,
      reply: messages.compareNodesResponse,
    }),
    CompareKeys: method('CompareKeys', {
      number: 12,
      bulk: true,
      request: messages.compareKeysRequest,
      reply: messages.compareKeysResponse,
    }),
    Fetch: method('Fetch', {
      number: 13,
      bulk: true,
      request: messages.fetchRequest,
      reply: messages.fetchResponse,
    }),
    Meet: method('Meet', { number: 6, request: messages.meetRequest, reply: messages.meetResponse }),
    Gossip: method('Gossip', { number: 7, request: messages.gossipRequest, reply: messages.gossipResponse }),
    Probe: method('Probe', { number: 8, request: messages.probeRequest, reply: messages.probeResponse }),
  };
}

function method<I, IRead, O, ORead>(
  name: string,
  given: Omit<PeerMethod<I, IRead, O, ORead>, 'name' | 'bulk'> & { readonly bulk?: boolean },
): PeerMethod<I, IRead, O, ORead> {
  return { bulk: false, ...given, name };
}
