/**
 * How the members of a born cluster tell each other who is there (DESIGN §7, *Membership*, *Detection*): one
 * exchange is news both ways, a comparison of views and a sign of life at once (SWIM).
 */
import type { NodeName } from '../base/ids.ts';
import type { Entry } from '../core/membership/view.ts';
import type { Call } from './call.ts';
import type { StoreProgress } from './meeting.ts';
import type { Stamp } from './stamp.ts';

export interface Gossip {
  /** Of the speaker's view (core/membership/view). */
  readonly digest: string;
  /** News, the speaker's own entry among them; sorted by name, each name once. */
  readonly entries: readonly Entry[];
  /** These are all that the speaker knows: whatever the listener knows better it is to tell. */
  readonly whole: boolean;
  /** How far the speaker's store has come. */
  readonly store: StoreProgress;
}

/** Another member, to gossip with. Rejects with ReplicaFailed. */
export interface Gossiper {
  gossip(said: Gossip, call: Call): Promise<Gossip>;
  /** Whether that third member answers this other one now (an indirect probe). */
  probe(target: NodeName, call: Call): Promise<boolean>;
}

/** This node, as others gossip with it. What made no sense is undefined: it is refused, and counted. */
export interface GossipListener {
  /** @throws ReplicaFailed `refused` when it is not to be listened to */
  hear(said: Gossip | undefined, from: Stamp | undefined): Gossip;
  probe(target: NodeName | undefined, from: Stamp | undefined, call: Call): Promise<boolean>;
}
