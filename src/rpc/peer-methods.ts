/**
 * The methods of proto/shoal/peer/v1 over this node's replica, coordinator and meeting. Every message but
 * Meet is stamped with its sender's ring; the node says whether it admits the stamp, and nothing is done
 * before that. What cannot be understood is refused like what is not admitted: the caller gets ReplicaFailed
 * `refused`.
 */
import type { ApplyRequest__Output } from '../gen/shoal/peer/v1/ApplyRequest.ts';
import type { HandOffRequest__Output } from '../gen/shoal/peer/v1/HandOffRequest.ts';
import type { HandOnDeleteRequest__Output } from '../gen/shoal/peer/v1/HandOnDeleteRequest.ts';
import type { HandOnPutRequest__Output } from '../gen/shoal/peer/v1/HandOnPutRequest.ts';
import type { ReadRequest__Output } from '../gen/shoal/peer/v1/ReadRequest.ts';
import type { ScanRequest__Output } from '../gen/shoal/peer/v1/ScanRequest.ts';
import type { GossipListener } from '../ports/gossip.ts';
import type { Meeting } from '../ports/meeting.ts';
import type { Replica } from '../ports/replica.ts';
import type { Requests } from '../ports/requests.ts';
import type { Stamp } from '../ports/stamp.ts';
import { gossipMessage, readGossip, readTarget } from '../wire/gossip.ts';
import { greetingMessage, readGreeting } from '../wire/greeting.ts';
import { handOffReplyMessage, readHandOffRequest } from '../wire/hand-off-messages.ts';
import type { Messages } from '../wire/messages.ts';
import {
  applyReplyMessage,
  readApplyRequest,
  readReadRequest,
  readReplyMessage,
} from '../wire/replica-messages.ts';
import { writeReplyMessage } from '../wire/replies.ts';
import { readDelete, readPut } from '../wire/requests.ts';
import { readScanRequest, scanReplyMessage } from '../wire/scan-messages.ts';
import { StampReader } from '../wire/stamp.ts';
import type { Carriage } from './answering.ts';
import { type CompareServices, compareMethods } from './compare-methods.ts';
import { type PeerProtocol, peerProtocol } from './peer-protocol.ts';
import { refusal, replicaFailure } from './replica-failure.ts';
import { type Numbered, numbered, sound, stamped } from './stamped.ts';

export interface PeerServices extends CompareServices {
  readonly replica: Replica;
  /** Answers what other nodes hand on, and does not hand it on again. */
  readonly coordinator: Pick<Requests, 'put' | 'delete'>;
  readonly meeting: Meeting;
  /** Judges the stamps of gossip itself. */
  readonly gossip: GossipListener;
  /** Whether a message under this stamp may be answered: undefined if so, else why not. */
  readonly admit: (stamp: Stamp) => string | undefined;
}

/** By their numbers on a link. */
export function peerMethods(services: PeerServices, messages: Messages): ReadonlyMap<number, Carriage> {
  const parts = { ...services, stamps: new StampReader(messages), protocol: peerProtocol(messages) };
  return new Map([
    ...replicaMethods(parts),
    ...compareMethods(parts),
    ...handOnMethods(parts),
    meetingMethod(parts),
    ...gossipMethods(parts),
  ]);
}

interface Parts extends PeerServices {
  readonly stamps: StampReader;
  readonly protocol: PeerProtocol;
}

function replicaMethods({ replica, protocol, ...judge }: Parts): readonly Numbered[] {
  const { Read, Apply, Scan, HandOff } = protocol;
  return [
    numbered(Read, {
      write: false,
      kind: 'peer',
      failure: replicaFailure,
      answer: stamped(judge, async (message: ReadRequest__Output, call) =>
        readReplyMessage(await replica.read(sound(readReadRequest(message)), call)),
      ),
    }),
    numbered(Apply, {
      write: true,
      kind: 'peer',
      failure: replicaFailure,
      answer: stamped(judge, async (message: ApplyRequest__Output, call) =>
        applyReplyMessage(await replica.apply(sound(readApplyRequest(message)), call)),
      ),
    }),
    numbered(Scan, {
      write: false,
      kind: 'background',
      failure: replicaFailure,
      answer: stamped(judge, async (message: ScanRequest__Output, call) =>
        scanReplyMessage(await replica.scan(sound(readScanRequest(message)), call)),
      ),
    }),
    numbered(HandOff, {
      write: true,
      kind: 'background',
      failure: replicaFailure,
      answer: stamped(judge, async (message: HandOffRequest__Output, call) => {
        const { records, among } = sound(readHandOffRequest(message));
        return handOffReplyMessage(among(await replica.handOff(records, call)));
      }),
    }),
  ];
}

/**
 * A ShoalError of the coordinator travels as to a client; only what was refused before it came so far is a
 * replica's failure.
 */
function handOnMethods({ coordinator, protocol, ...judge }: Parts): readonly Numbered[] {
  const { HandOnPut, HandOnDelete } = protocol;
  return [
    numbered(HandOnPut, {
      write: true,
      kind: 'peer',
      failure: refusal,
      answer: stamped(judge, async ({ put }: HandOnPutRequest__Output, call) => ({
        put: writeReplyMessage(await coordinator.put(readPut(sound(put)), call)),
      })),
    }),
    numbered(HandOnDelete, {
      write: true,
      kind: 'peer',
      failure: refusal,
      answer: stamped(judge, async (message: HandOnDeleteRequest__Output, call) => ({
        delete: writeReplyMessage(await coordinator.delete(readDelete(sound(message.delete)), call)),
      })),
    }),
  ];
}

function meetingMethod({ meeting, protocol }: Parts): Numbered {
  return numbered(protocol.Meet, {
    write: false,
    kind: 'peer',
    failure: replicaFailure,
    answer: async ({ greeting }, call) => ({
      greeting: greetingMessage(await meeting.meet(sound(readGreeting(greeting)), call)),
    }),
  });
}

function gossipMethods({ gossip, protocol, stamps }: Parts): readonly Numbered[] {
  const { Gossip, Probe } = protocol;
  return [
    numbered(Gossip, {
      write: false,
      kind: 'peer',
      failure: replicaFailure,
      answer: async message => ({
        gossip: gossipMessage(gossip.hear(readGossip(message.gossip), stamps.read(message.stamp))),
      }),
    }),
    numbered(Probe, {
      write: false,
      kind: 'peer',
      failure: replicaFailure,
      answer: async (message, call) => ({
        answers: await gossip.probe(readTarget(message.target), stamps.read(message.stamp), call),
      }),
    }),
  ];
}
