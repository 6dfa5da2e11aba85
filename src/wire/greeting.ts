/**
 * How nodes meet (src/ports/meeting.ts), as a message; for the rules see replica-messages.ts. What brings a
 * ring does not name it beside: the name is read off the ring, so the two cannot disagree.
 */
import { Buffer } from 'node:buffer';
import { INCARNATION_BYTES, incarnation } from '../base/ids.ts';
import { NODES_MAX } from '../core/limits.ts';
import { type FoundingSet, nameOfCluster } from '../core/membership/cluster.ts';
import { VERSION_MAX } from '../core/membership/view.ts';
import type { FoundingSet__Output } from '../gen/shoal/peer/v1/FoundingSet.ts';
import type { Greeting__Output, Greeting as GreetingMessage } from '../gen/shoal/peer/v1/Greeting.ts';
import type { Greeting } from '../ports/meeting.ts';
import {
  ascending,
  clusterMessage,
  clusterNameMessage,
  founderMessage,
  memberMessage,
  readCluster,
  readClusterName,
  readFounder,
  readMember,
} from './cluster-message.ts';
import { isBetween, isHex, readEach, readOptional } from './foreign.ts';

export function greetingMessage(greeting: Greeting): GreetingMessage {
  const { self, expect, founder, members, met, vote, incarnation, highestCounter } = greeting;
  const { store, rememberedBatch, version, disputedVersion, disputedDown } = greeting;
  return {
    self: memberMessage(self),
    expect: expect ?? 0,
    founder: founder ? founderMessage(founder) : null,
    members: members.map(memberMessage),
    met: met.map(founderMessage),
    vote: vote ? { founders: vote.map(founderMessage) } : null,
    ...belongsTo(greeting),
    incarnation: Buffer.from(incarnation ?? '', 'latin1'),
    highestCounter,
    storeId: store.id,
    lastBatch: store.lastBatch,
    rememberedBatch,
    version,
    disputedVersion,
    disputedDown,
  };
}

function belongsTo({ named, cluster }: Greeting): Pick<GreetingMessage, 'cluster' | 'named'> {
  if (cluster !== undefined) return { cluster: clusterMessage(cluster) };
  return named === undefined ? {} : { named: clusterNameMessage(named) };
}

/**
 * Undefined when it is missing or any part of it is bad: nodes that do not understand each other must not
 * found a cluster.
 */
export function readGreeting(message: Greeting__Output | null): Greeting | undefined {
  const self = message?.self ? readMember(message.self) : undefined;
  if (!message || !self) return undefined;
  const founder = readOptional(message.founder, readFounder);
  const vote = readOptional(message.vote, readFoundingSet);
  const cluster = readOptional(message.cluster, readCluster);
  const named = readOptional(message.named, readClusterName);
  const members = readEach(message.members, { max: NODES_MAX, read: readMember });
  const met = readEach(message.met, { max: NODES_MAX, read: readFounder });
  if (!founder.ok || !vote.ok || !cluster.ok || !named.ok) return undefined;
  if (!members || !met || !ascending(members) || !ascending(met)) return undefined;
  const numbers = readNumbers(message);
  return (
    numbers && {
      self,
      founder: founder.value,
      members,
      met,
      vote: vote.value,
      named: cluster.value ? nameOfCluster(cluster.value) : named.value,
      cluster: cluster.value,
      ...numbers,
      disputedDown: message.disputedDown,
    }
  );
}

function readFoundingSet({ founders }: FoundingSet__Output): FoundingSet | undefined {
  const set = readEach(founders, { max: NODES_MAX, read: readFounder });
  return set && set.length > 0 && ascending(set) ? set : undefined;
}

type Numbers = Pick<
  Greeting,
  'expect' | 'incarnation' | 'highestCounter' | 'store' | 'rememberedBatch' | 'version' | 'disputedVersion'
>;

function readNumbers(message: Greeting__Output): Numbers | undefined {
  const { expect, highestCounter, storeId, lastBatch, rememberedBatch, version, disputedVersion } = message;
  const asked = message.incarnation.byteLength > 0;
  if (asked && message.incarnation.byteLength !== INCARNATION_BYTES) return undefined;
  if (!isBetween(expect, { min: 0, max: NODES_MAX })) return undefined;
  const counts = [highestCounter, lastBatch, rememberedBatch];
  if (!counts.every(count => isBetween(count, { min: 0, max: Number.MAX_SAFE_INTEGER }))) return undefined;
  if (!isBetween(version, { min: 1, max: VERSION_MAX })) return undefined;
  if (!isBetween(disputedVersion, { min: 0, max: VERSION_MAX })) return undefined;
  if (!isHex(storeId, 32)) return undefined;
  return {
    expect: expect === 0 ? undefined : expect,
    incarnation: asked ? incarnation(message.incarnation) : undefined,
    highestCounter,
    store: { id: storeId, lastBatch },
    rememberedBatch,
    version,
    disputedVersion,
  };
}
