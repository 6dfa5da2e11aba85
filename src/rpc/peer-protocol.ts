/**
 * The methods between nodes (proto/shoal/peer/v1): their numbers on a link, their messages, what these are
 * about, and which of them are background work.
 */
import type { Codec, Messages } from '../wire/messages.ts';
import type { About } from './traffic.ts';

/** A method with messages as they are made (`I`, `O`) and as they are read (`IRead`, `ORead`). */
export interface PeerMethod<I, IRead, O, ORead> {
  readonly name: string;
  readonly number: number;
  readonly bulk: boolean;
  readonly about: About;
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
      about: 'records',
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
      about: 'records',
      request: messages.handOffRequest,
      reply: messages.handOffResponse,
    }),
    CompareSums: method('CompareSums', {
      number: 10,
      about: 'comparisons',
      request: messages.compareSumsRequest,
      reply: messages.compareSumsResponse,
    }),
    CompareNodes: method('CompareNodes', {
      number: 11,
      about: 'comparisons',
      request: messages.compareNodesRequest,
      reply: messages.compareNodesResponse,
    }),
    CompareKeys: method('CompareKeys', {
      number: 12,
      bulk: true,
      about: 'comparisons',
      request: messages.compareKeysRequest,
      reply: messages.compareKeysResponse,
    }),
    Fetch: method('Fetch', {
      number: 13,
      bulk: true,
      about: 'records',
      request: messages.fetchRequest,
      reply: messages.fetchResponse,
    }),
    Meet: method('Meet', {
      number: 6,
      about: 'gossip',
      request: messages.meetRequest,
      reply: messages.meetResponse,
    }),
    Gossip: method('Gossip', {
      number: 7,
      about: 'gossip',
      request: messages.gossipRequest,
      reply: messages.gossipResponse,
    }),
    Probe: method('Probe', {
      number: 8,
      about: 'gossip',
      request: messages.probeRequest,
      reply: messages.probeResponse,
    }),
  };
}

function method<I, IRead, O, ORead>(
  name: string,
  given: Omit<PeerMethod<I, IRead, O, ORead>, 'name' | 'bulk' | 'about'> & {
    readonly bulk?: boolean;
    readonly about?: About;
  },
): PeerMethod<I, IRead, O, ORead> {
  return { bulk: false, about: 'requests', ...given, name };
}
