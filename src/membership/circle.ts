/**
 * The members of a born cluster among themselves: gossip with them, whom of them to believe gone, and what
 * this node makes of a message of theirs (DESIGN §7). How somebody comes to be among them is membership's
 * business.
 *
 * Refuses gossip that makes no sense, of another cluster or another ring of the same epoch, of strangers, and
 * of a process whose name is another's by now; and counts it (`gossip.refused`).
 */
import type { NodeName } from '../base/ids.ts';
import type { Cluster } from '../core/membership/cluster.ts';
import type { Entry } from '../core/membership/view.ts';
import type { Call } from '../ports/call.ts';
import type { Gossip, GossipListener } from '../ports/gossip.ts';
import { type Failure, ReplicaFailed } from '../ports/replica.ts';
import type { Stamp } from '../ports/stamp.ts';
import { isNamedBy } from './conflict.ts';
import { Detector, type DetectorParts } from './detector.ts';
import { Gossiping, type GossipingParts } from './gossip.ts';
import { Presence, type PresenceParts } from './presence.ts';
import { gossipRefusalOf } from './stamp.ts';

export interface CircleParts
  extends Pick<DetectorParts, 'acquaintances' | 'gossiper' | 'clock' | 'random' | 'metrics' | 'onStranger'>,
    Pick<GossipingParts, 'store' | 'onDisputed'>,
    Pick<PresenceParts, 'log' | 'onUp'> {
  readonly cluster: () => Cluster | undefined;
  /** A member says how far its store has come. */
  readonly onStore: (name: NodeName, said: Gossip) => void;
  /** A member that did not answer has spoken: the way to it may be open again. */
  readonly onBack: (node: NodeName) => void;
}

const MALFORMED = 'the message is malformed';

export class Circle implements GossipListener {
  readonly #parts: CircleParts;
  readonly #gossip: Gossiping;
  readonly #detector: Detector;
  #stopped = false;

  constructor(parts: CircleParts) {
    this.#parts = parts;
    const presence = new Presence(parts);
    this.#gossip = new Gossiping({ ...parts, onDoubted: name => this.#detector.doubt(name) });
    this.#detector = new Detector({
      ...parts,
      gossip: this.#gossip,
      onAnswered: parts.onStore,
      onBeat: () => presence.look(),
    });
  }

  start(): void {
    this.#detector.start();
  }

  /** Nothing is listened to from now on. */
  stop(): void {
    this.#stopped = true;
    this.#detector.stop();
  }

  /** Tells some members that this node is about to end. Resolves when they know, or do not answer. */
  farewell(): Promise<void> {
    return this.#detector.farewell();
  }

  /** A member answered something this node asked. */
  answered(name: NodeName): void {
    this.#parts.acquaintances.answered(name);
    this.#detector.heard(name);
  }

  /** A member asked something of this node. */
  heard(name: NodeName): void {
    // Anybody who knows the ring may invent a name, and each would be remembered (I10).
    if (this.#parts.acquaintances.get(name) === undefined) return;
    this.#parts.acquaintances.heard(name);
    this.#detector.heard(name);
  }

  /** What this node asked of a member came to nothing. */
  failed(name: NodeName, failure: Failure): void {
    this.#parts.acquaintances.failed(name, failure);
    if (failure !== 'refused' && failure !== 'overloaded') this.#detector.doubt(name);
  }

  /** A member speaks that did not answer when it was last asked. */
  back(name: NodeName): void {
    this.#parts.onBack(name);
    this.#detector.doubt(name);
  }

  hear(said: Gossip | undefined, from: Stamp | undefined): Gossip {
    const { acquaintances, onStore } = this.#parts;
    if (said === undefined || from === undefined) return this.#refuse(MALFORMED);
    this.#check(from);
    const wasAway = !acquaintances.reachable(from.sender);
    const reply = this.#gossip.reply(said, from.sender);
    // Its own entry was among what it said: if it is a new process, that is known by now.
    this.#checkProcess(from);
    this.heard(from.sender);
    onStore(from.sender, said);
    if (wasAway) this.back(from.sender);
    return reply;
  }

  async probe(target: NodeName | undefined, from: Stamp | undefined, call: Call): Promise<boolean> {
    if (target === undefined || from === undefined) return this.#refuse(MALFORMED);
    this.#check(from);
    this.#checkProcess(from);
    if (!this.#isMember(target)) this.#refuse(`${target} is no other member`);
    this.heard(from.sender);
    return await this.#detector.probe(target, call);
  }

  #check(from: Stamp): void {
    const self = this.#self.name;
    const refusal = gossipRefusalOf(from, { self, cluster: this.#parts.cluster() });
    if (refusal !== undefined) this.#refuse(refusal);
    if (!this.#isMember(from.sender)) this.#refuse(`${from.sender} is no other member`);
    if (this.#stopped) this.#refuse('this node is ending');
  }

  #checkProcess({ sender, bootId }: Stamp): void {
    if (this.#parts.acquaintances.get(sender)?.bootId !== bootId)
      this.#refuse(`${sender} is another process now`);
  }

  #refuse(why: string): never {
    this.#parts.metrics.count('gossip.refused');
    throw new ReplicaFailed('refused', why);
  }

  /** One of the cluster, and not this node. */
  #isMember(name: NodeName): boolean {
    const cluster = this.#parts.cluster();
    return name !== this.#self.name && cluster !== undefined && isNamedBy(cluster, name);
  }

  get #self(): Entry {
    return this.#parts.acquaintances.self;
  }
}
