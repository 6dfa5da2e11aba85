/**
 * One node, wired from its ports: replica, coordinator, membership and repair, and the order in which they come to life and end. Knows no
 * gRPC, LevelDB or pino, so the simulator runs this very class (DESIGN §3, §10). What is decided here is only *when*: nothing is
 * answered before the ring is known, the incarnation is settled and the other members were asked whether they are there; and nothing at
 * all by a node that was refused.
 */
import { Buffer } from 'node:buffer';
import { assert } from './base/assert.ts';
import { StartUpError } from './base/errors.ts';
import { bootId, type NodeName } from './base/ids.ts';
import { Coordinator } from './coordinator/coordinator.ts';
import { Pace } from './coordinator/pace.ts';
import type { Cluster, Member } from './core/membership/cluster.ts';
import type { Durability } from './core/membership/identity.ts';
import type { KeyPlace } from './core/ring/placement.ts';
import { ringDigest } from './core/ring/ring.ts';
import { Acquaintances } from './membership/acquaintances.ts';
import { Claim, type ClaimAnswer } from './membership/claim.ts';
import { NOTHING_REMEMBERED, type Remembered, readClusterContent } from './membership/cluster-file.ts';
import { Membership } from './membership/membership.ts';
import { ClusterOverview, type OwnStatus } from './membership/overview.ts';
import type { Clock } from './ports/clock.ts';
import type { DurableFile } from './ports/durable-file.ts';
import type { Floor } from './ports/floor.ts';
import type { Log } from './ports/log.ts';
import type { Meeting } from './ports/meeting.ts';
import type { Metrics } from './ports/metrics.ts';
import type { NodeState, Overview } from './ports/overview.ts';
import type { Peers, RemoteHooks, Remotes, Stamp } from './ports/peers.ts';
import type { Random } from './ports/random.ts';
import type { Replica } from './ports/replica.ts';
import type { Requests } from './ports/requests.ts';
import type { Store } from './ports/store.ts';
import { Heal } from './repair/heal.ts';
import { Refill } from './repair/refill.ts';
import { type OpenReplica, openReplica } from './replica/opening.ts';
import { recount } from './replica/recount.ts';

export interface NodeOptions {
  readonly name: NodeName;
  readonly zone: string;
  readonly weight: number;
  /** host:port for clients and for other nodes, as others can reach them. */
  readonly address: string;
  readonly peerAddress: string;
  /** Peer addresses of nodes to meet. */
  readonly join: readonly string[];
  /** Found a cluster of exactly so many; undefined: join one that is born. With neither, a cluster of one. */
  readonly expect: number | undefined;
  readonly durability: Durability;
}

export interface NodePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly identity: DurableFile;
  readonly cluster: DurableFile;
  readonly floor: Floor;
  /** The shell that speaks to other nodes. */
  readonly remotes: (hooks: RemoteHooks) => Remotes;
  /** From now on requests are answered. */
  readonly onServing: (cluster: Cluster) => void;
  /** This node must not serve: stop it and show this. */
  readonly onRefused: (error: StartUpError) => void;
}

/** N: replicas per key. */
export const REPLICATION = 3;
/** How long a start waits for the others' word on its old incarnation; a new one costs a vector entry, a wait costs availability. */
const CLAIM_MS_MAX = 1_500;

/** Opens the store and wires the node; it greets nobody before {@link Node.start}. Rejects with StartUpError or StoreFailed. */
export async function openNode(options: NodeOptions, ports: NodePorts): Promise<Node> {
  const remembered = await remember(ports.cluster);
  const open = await openReplica({ ...options, ...ports, onDamage: place => node.heal(place) });
  const forgotten = remembered.cluster === undefined && open.segments.partitionsWithRows().length > 0;
  // A store with records belongs to a cluster, whatever has become of the file that named it: it may rejoin that, but found no other.
  if (forgotten && options.join.length === 0) {
    await open.close();
    throw new StartUpError('the store holds records, but the file that names its cluster is gone', {
      advice: 'start with --join and the peer address of another member; the node fills up from its peers',
    });
  }
  const node = new Node({ options, ports, open, remembered });
  return node;
}

export class Node {
  /** What clients ask. */
  readonly requests: Requests;
  /** The same for requests that another node handed on. */
  readonly handedOn: Requests;
  /** What other coordinators ask. */
  readonly replica: Replica;
  readonly meeting: Meeting;
  readonly overview: Overview;
  readonly #options: NodeOptions;
  readonly #ports: NodePorts;
  readonly #open: OpenReplica;
  readonly #membership: Membership;
  readonly #remotes: Remotes;
  readonly #refill: Refill;
  readonly #heal: Heal;
  /** Set once everything is settled. */
  #serving: Cluster | undefined;
  #claim: Claim | undefined;
  #draining = false;
  #refused = false;

  constructor({ options, ports, open, remembered }: NodeParts) {
    this.#options = options;
    this.#ports = ports;
    this.#open = open;
    const self = this.#member();
    const acquaintances = new Acquaintances({ self, clock: ports.clock, remembered: remembered.members });
    this.#remotes = ports.remotes({
      addressOf: name => acquaintances.get(name)?.peerAddress,
      stamp: to => this.#stamp(to),
      heard: name => acquaintances.heard(name),
      failed: (name, failure) => acquaintances.failed(name, failure),
    });
    const peers: Peers = {
      replica: name => (name === self.name ? open.replica : this.#remotes.replica(name)),
      coordinator: name => (name === self.name ? this.handedOn : this.#remotes.coordinator(name)),
      reachable: name => acquaintances.reachable(name),
    };
    const engines = { ...ports, self: self.name, peers };
    const coordinator = new Coordinator({
      ...engines,
      cluster: () => this.#serving,
      local: open.replica,
      pace: new Pace(),
      leaveHint: missed => this.#leaveHint(missed),
    });
    this.#membership = new Membership({
      ...this.#membershipHooks(),
      self,
      acquaintances,
      remembered,
      meetings: this.#remotes,
    });
    this.#refill = new Refill({
      ...engines,
      recovering: open.recovering,
      applyAll: records => open.replica.applyAll(records),
    });
    this.#heal = new Heal({
      ...engines,
      ring: () => this.#serving?.ring,
      healed: healing => open.replica.healed(healing),
    });
    this.requests = coordinator;
    this.handedOn = coordinator.handedOn;
    this.replica = open.replica;
    this.meeting = this.#membership;
    this.overview = new ClusterOverview({
      acquaintances,
      cluster: () => this.#membership.cluster,
      own: () => this.#ownStatus(),
    });
    open.committer.onFault(fault => {
      ports.log.error('the disk failed: this node reads only, until it is restarted', { why: fault.message });
    });
  }

  /** Begins to greet, and to serve as soon as all is settled. */
  start(): void {
    this.#membership.start();
  }

  /** Fetches a key whose row is damaged from its other owners. */
  heal(place: KeyPlace): void {
    this.#heal.take(place);
  }

  /**
   * Whether a peer's message is meant for this node and was sent under its ring; if not, the refusal in words (DESIGN §5).
   * Meant for: 1. b ends, and c starts again at b's address; 2. a sends a record to b and to c; 3. c would acknowledge it twice (I5).
   */
  admit(stamp: Stamp): string | undefined {
    const mine = this.#serving;
    if (stamp.recipient !== this.#options.name)
      return `this is ${this.#options.name}, not ${stamp.recipient}`;
    if (mine === undefined) return 'this node is not serving yet';
    if (stamp.clusterId !== mine.id) return `this node belongs to cluster ${mine.id}`;
    if (stamp.epoch !== mine.ring.epoch) return `not owner, my epoch is ${mine.ring.epoch}`;
    return stamp.ringDigest === ringDigest(mine.ring)
      ? undefined
      : 'the same epoch, but another ring: one of the two is wrong';
  }

  /** Takes nothing new and stops what runs in the background. */
  drain(): void {
    this.#draining = true;
    this.#refill.stop();
  }

  /** Ends the node; leaves the clean mark if the disk is sound. Rejects with StoreFailed. */
  async close(): Promise<void> {
    this.drain();
    this.#claim?.stop();
    this.#membership.stop();
    this.#remotes.close();
    await this.#open.close();
  }

  /** The ring is known: settle who we are, look who is there, then serve. */
  async #settle(cluster: Cluster): Promise<void> {
    await this.#settleIncarnation(cluster);
    await this.#membership.greetAll();
    if (this.#draining || this.#refused) return;
    this.#serving = cluster;
    this.#membership.serving();
    this.#ports.onServing(cluster);
    await Promise.all([this.#refill.run(cluster.ring), this.#recountDoubtful()]);
  }

  async #settleIncarnation({ ring }: Cluster): Promise<void> {
    const { counters, minter, verdict } = this.#open;
    if (verdict !== 'keep') return;
    this.#claim = new Claim({
      incarnation: counters.incarnation,
      counter: counters.last,
      others: ring.members.map(({ name }) => name).filter(name => name !== this.#options.name),
      clock: this.#ports.clock,
      patienceMs: CLAIM_MS_MAX,
      onContradicted: () => this.#rolledBack(),
    });
    void this.#membership.greetAll();
    const answer = await this.#claim.verdict;
    if (answer !== 'agreed' && !this.#draining)
      minter.renew(`it was stopped cleanly, but the others' word on it is: ${answer}`);
  }

  /** Others know more of us than our own store: it was rolled back underneath us, and acknowledged rows are missing. */
  #rolledBack(): void {
    this.#ports.log.error('other nodes know dots of this one that its store does not: recovering');
    this.#ports.metrics.count('recovering.rolled-back');
    this.#open.recovering
      .markAll()
      .then(async () => this.#serving && (await this.#refill.run(this.#serving.ring)))
      .catch(error => this.#ports.log.error('recovering could not begin', { why: String(error) }));
  }

  async #recountDoubtful(): Promise<void> {
    for (const place of this.#open.segments.doubtful()) {
      await recount(place, { ...this.#open, store: this.#ports.store }).catch(() => false);
    }
  }

  #leaveHint(missed: { target: NodeName; place: KeyPlace }): void {
    this.#open.replica.hint(missed).catch(() => this.#ports.metrics.count('hint.failed'));
    this.#ports.metrics.count('hint.written');
  }

  #membershipHooks() {
    const { join, expect } = this.#options;
    const { counters, recovering, identity, segments } = this.#open;
    const { name, zone, weight } = this.#options;
    return {
      ...this.#ports,
      file: this.#ports.cluster,
      founder: { name, zone, weight, nonce: identity.nonce },
      join,
      expect:
        segments.partitionsWithRows().length > 0
          ? undefined
          : (expect ?? (join.length === 0 ? 1 : undefined)),
      replication: REPLICATION,
      highestCounter: counters.highest.bind(counters),
      claim: () => this.#claim?.asking,
      onClaimAnswered: (answer: ClaimAnswer) => this.#claim?.answered(answer),
      markLost: () => recovering.markAll(),
      onCluster: (cluster: Cluster) => {
        this.#settle(cluster).catch(error => this.#refuse(asStartUpError(error)));
      },
      onRefused: (error: StartUpError) => this.#refuse(error),
    };
  }

  #refuse(error: StartUpError): void {
    this.#refused = true;
    this.#ports.onRefused(error);
  }

  #member(): Member {
    const { name, zone, weight, address, peerAddress } = this.#options;
    const boot = bootId(Buffer.from(this.#ports.random.bytes(16)).toString('hex'));
    return { name, zone, weight, address, peerAddress, bootId: boot };
  }

  #stamp(recipient: NodeName): Stamp {
    const cluster = this.#membership.cluster;
    assert(cluster !== undefined, 'nothing but greetings is sent before the ring is known');
    return {
      clusterId: cluster.id,
      epoch: cluster.ring.epoch,
      ringDigest: ringDigest(cluster.ring),
      sender: this.#options.name,
      recipient,
    };
  }

  #ownStatus(): OwnStatus {
    const { segments, hints, recovering } = this.#open;
    return {
      node: this.#options.name,
      state: this.#state(),
      awaited: this.#awaited(),
      recoveringPartitions: recovering.count,
      records: segments.records,
      hints: hints.count,
      counters: this.#ports.metrics.snapshot(),
    };
  }

  #awaited(): readonly string[] {
    if (this.#serving !== undefined || this.#membership.cluster === undefined)
      return this.#membership.awaited;
    const owing = this.#claim?.owing ?? [];
    return owing.length === 0
      ? ['an answer from each of the other members']
      : owing.map(name => `${name} to say how far it knows the writes of ${this.#options.name}`);
  }

  #state(): NodeState {
    if (this.#draining) return 'draining';
    if (this.#open.committer.faulted) return 'storage-faulted';
    return this.#serving === undefined ? 'waiting' : 'serving';
  }
}

interface NodeParts {
  readonly options: NodeOptions;
  readonly ports: NodePorts;
  readonly open: OpenReplica;
  readonly remembered: Remembered;
}

async function remember(file: DurableFile): Promise<Remembered> {
  const held = await file.read();
  if (held === undefined) return NOTHING_REMEMBERED;
  const remembered = readClusterContent(held.content);
  if (remembered !== undefined) return remembered;
  throw new StartUpError('the cluster file of the data directory is not one of Shoal', {
    advice: 'wipe the directory and start again under the same name; the node fills up from its peers',
  });
}

function asStartUpError(error: unknown): StartUpError {
  return error instanceof StartUpError
    ? error
    : new StartUpError('the node could not begin to serve', { advice: String(error), cause: error });
}
