/**
 * One node, wired from its ports: replica, coordinator, membership and repair, and the order in which they
 * come to life and end. Knows no gRPC, LevelDB or pino, so the simulator runs this very class (DESIGN §3,
 * §10). What is decided here is only *when*: nothing is answered before the ring is known, the incarnation is
 * settled and the other members were asked whether they are there; and nothing at all by a node that was
 * refused.
 */
import { Buffer } from 'node:buffer';
import { assert } from './base/assert.ts';
import { StartUpError } from './base/errors.ts';
import { bootId, type NodeName, type Partition } from './base/ids.ts';
import { Coordinator } from './coordinator/coordinator.ts';
import { Pace } from './coordinator/pace.ts';
import { timed } from './coordinator/timed.ts';
import type { Cluster, Member } from './core/membership/cluster.ts';
import type { Durability } from './core/membership/identity.ts';
import type { KeyPlace } from './core/ring/placement.ts';
import { Acquaintances } from './membership/acquaintances.ts';
import type { ClaimAnswer } from './membership/claim.ts';
import { type Remembered, remember } from './membership/cluster-file.ts';
import { Membership } from './membership/membership.ts';
import { ClusterOverview, type OwnStatus } from './membership/overview.ts';
import { Reports } from './membership/reports.ts';
import { Settlement } from './membership/settlement.ts';
import { refusalOf, stampOf } from './membership/stamp.ts';
import type { Clock } from './ports/clock.ts';
import type { Comparisons } from './ports/comparisons.ts';
import type { DurableFile } from './ports/durable-file.ts';
import type { Floor } from './ports/floor.ts';
import type { GossipListener } from './ports/gossip.ts';
import type { Log } from './ports/log.ts';
import type { Meeting } from './ports/meeting.ts';
import type { Metrics } from './ports/metrics.ts';
import type { NodeState, Overview, Repairs } from './ports/overview.ts';
import type { Peers, RemoteHooks, Remotes } from './ports/peers.ts';
import type { Random } from './ports/random.ts';
import type { Replica } from './ports/replica.ts';
import type { Requests } from './ports/requests.ts';
import type { Stamp } from './ports/stamp.ts';
import type { Store } from './ports/store.ts';
import { RepairsByHand } from './repair/by-hand.ts';
import { ownership } from './repair/owners.ts';
import { Upkeep } from './repair/upkeep.ts';
import { GuardedReplica } from './replica/guarded.ts';
import { GuardedComparisons } from './replica/guarded-comparisons.ts';
import { type OpenReplica, openReplica } from './replica/opening.ts';
import type { LocalReplica } from './replica/replica.ts';

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
  /**
   * N, replicas per key, of a cluster that this node founds: 3 unless said otherwise, and the same for all
   * its founders. Nobody compares it beforehand: where it differs, so do the digests of the rings under one
   * epoch, and the founders refuse each other's calls and greetings, and say so (stamp.ts, conflict.ts).
   */
  readonly replication?: number;
  /**
   * Ways in which owners come together that are off: for tests of what works without them, and for those
   * only.
   */
  readonly without?: ReadonlySet<WayTogether>;
}

export type WayTogether = 'read-repair' | 'hints' | 'anti-entropy';

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

const REPLICATION_DEFAULT = 3;

/**
 * Opens the store and wires the node; it greets nobody before {@link Node.start}. Rejects with StartUpError
 * or StoreFailed.
 */
export async function openNode(options: NodeOptions, ports: NodePorts): Promise<Node> {
  const remembered = await remember(ports.cluster);
  const open = await openReplica({
    ...options,
    ...ports,
    keepsHints: options.without?.has('hints') !== true,
    onDamage: place => node.heal(place),
    onRolledBack: () => node.rolledBack(),
    isUnvouched: () => node.isUnvouched,
    owns: place => node.owns(place),
  });
  const forgotten = remembered.cluster === undefined && open.segments.partitionsWithRows().length > 0;
  // A store with records belongs to a cluster, whatever has become of the file that named it: it may rejoin
  // that, but found no other.
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
  /** The same unguarded, as the engines of this node use it. */
  readonly local: LocalReplica;
  readonly meeting: Meeting;
  readonly gossip: GossipListener;
  readonly overview: Overview;
  readonly repairs: Repairs;
  readonly #options: NodeOptions;
  readonly #ports: NodePorts;
  readonly #open: OpenReplica;
  readonly #self: Member;
  readonly #acquaintances: Acquaintances;
  readonly #membership: Membership;
  readonly #settlement: Settlement;
  readonly #remotes: Remotes;
  readonly #upkeep: Upkeep;
  readonly #reports: Reports;
  /** Set once everything is settled. */
  #serving: Cluster | undefined;
  #draining = false;
  #refused = false;
  #rolledBack = false;

  constructor({ options, ports, open, remembered }: NodeParts) {
    this.#options = options;
    this.#ports = ports;
    this.#open = open;
    this.#reports = new Reports(ports.log);
    const self = this.#member();
    this.#self = self;
    const acquaintances = new Acquaintances({ self, clock: ports.clock, remembered: remembered.members });
    this.#acquaintances = acquaintances;
    this.#remotes = ports.remotes({
      addressOf: name => acquaintances.get(name)?.peerAddress,
      stamp: to => this.#stamp(to),
      heard: name => this.#membership.circle.answered(name),
      failed: (name, failure) => this.#membership.circle.failed(name, failure),
    });
    const peers: Peers = {
      replica: name => (name === self.name ? open.replica : this.#remotes.replica(name)),
      coordinator: name => (name === self.name ? this.handedOn : this.#remotes.coordinator(name)),
      comparisons: name => (name === self.name ? open.comparing : this.#remotes.comparisons(name)),
      reachable: name =>
        acquaintances.reachable(name) && (name === self.name || !this.#remotes.suspect(name)),
    };
    const engines = { ...ports, self: self.name, peers };
    const coordinator = new Coordinator({
      ...engines,
      cluster: () => this.#serving,
      local: open.replica,
      pace: new Pace(),
      repairsReads: options.without?.has('read-repair') !== true,
      leaveHint: missed => this.#leaveHint(missed),
    });
    this.#membership = new Membership({
      ...this.#membershipHooks(),
      self,
      acquaintances,
      remembered,
      meetings: this.#remotes,
      gossiper: name => this.#remotes.gossiper(name),
    });
    this.#settlement = this.#settlementOf(open);
    this.#upkeep = new Upkeep({
      ...engines,
      recovering: open.recovering,
      scrub: open.scrub,
      ring: () => this.#serving?.ring,
      holdings: open.custody,
      own: open.digests,
      applyAll: records => open.replica.applyAll(records),
      healed: healing => open.replica.healed(healing),
      compares: options.without?.has('anti-entropy') !== true,
    });
    this.requests = timed(coordinator, ports.clock, this.#upkeep.courtesy);
    this.handedOn = coordinator.handedOn;
    this.local = open.replica;
    this.replica = new GuardedReplica({
      ...engines,
      replica: open.replica,
      ring: () => this.#serving?.ring,
    });
    this.meeting = this.#membership;
    this.gossip = this.#membership.circle;
    this.overview = new ClusterOverview({
      acquaintances,
      cluster: () => this.#membership.cluster,
      own: () => this.#ownStatus(),
      reachable: name => peers.reachable(name),
    });
    this.repairs = new RepairsByHand({
      self: self.name,
      state: () => this.#state(),
      repairNow: () => this.#upkeep.repairNow(),
    });
    open.committer.onFault(fault => {
      ports.log.error('the disk failed: this node reads only, until it is restarted', { why: fault.message });
    });
  }

  /** Begins to greet, and to serve as soon as all is settled. */
  start(): void {
    this.#membership.start();
  }

  /** What that node may have compared of this one's records. */
  comparisons(asker: NodeName): Comparisons {
    const { comparing: comparisons } = this.#open;
    const ring = () => this.#serving?.ring;
    const isBusy = (partition: Partition) => this.#upkeep.isBusy(partition);
    return new GuardedComparisons({
      self: this.#self.name,
      asker,
      comparisons,
      ring,
      isBusy,
      ...this.#ports,
    });
  }

  /** Fetches a key whose row is damaged from its other owners. */
  heal(place: KeyPlace): void {
    this.#upkeep.heal(place);
  }

  /**
   * Whether a peer's message is meant for this node and was sent under its ring; if not, the refusal in
   * words.
   */
  admit(stamp: Stamp): string | undefined {
    const refusal = refusalOf(stamp, {
      self: this.#options.name,
      serving: this.#serving,
      bootOf: name => this.#acquaintances.bootOf(name),
    });
    if (refusal === undefined) this.#membership.circle.heard(stamp.sender);
    return refusal;
  }

  /** Takes nothing new and stops what runs in the background. */
  drain(): void {
    if (!this.#draining) void this.#membership.farewell();
    this.#draining = true;
    this.#upkeep.stop();
  }

  /** Ends the node; leaves the clean mark if the disk is sound. Rejects with StoreFailed. */
  async close(): Promise<void> {
    this.drain();
    this.#settlement.stop();
    this.#membership.stop();
    this.#remotes.close();
    await this.#open.close();
  }

  /** The ring is known: settle who we are, look who is there, then serve. */
  async #settle(cluster: Cluster): Promise<void> {
    await this.#settlement.settle(cluster.ring);
    await this.#membership.greetAll();
    this.#membership.checkJoined();
    if (this.#draining || this.#refused) return;
    this.#tellIgnored(cluster);
    if (this.isUnvouched)
      this.#ports.log.warn('no other member answers: until one does, this node counts in no strict read');
    this.#serving = cluster;
    this.#membership.serving();
    this.#ports.onServing(cluster);
    this.#upkeep.start(cluster.ring);
    await this.#recountDoubtful();
  }

  /** Zone and weight are the ring's since its birth: what the flags say differently has no effect. */
  #tellIgnored({ ring }: Cluster): void {
    const { name, zone, weight } = this.#options;
    const born = ring.members.find(member => member.name === name);
    if (born === undefined || (born.zone === zone && born.weight === weight)) return;
    this.#ports.log.warn('the zone or weight given now has no effect: the ring was born with others', {
      bornZone: born.zone,
      bornWeight: born.weight,
    });
  }

  /**
   * No other member has said yet whether our store was rolled back: until then we count like one that is
   * recovering (I5).
   */
  get isUnvouched(): boolean {
    return this.#membership.isUnvouched;
  }

  /** Whether this node is an owner of the key, by the ring it serves under. */
  owns({ partition }: KeyPlace): boolean {
    const ring = this.#serving?.ring;
    return ring !== undefined && ownership(ring, { partition, self: this.#options.name }).owned;
  }

  /**
   * Others know more of us than our own store: it was rolled back underneath us, and acknowledged rows are
   * missing. Once is enough.
   */
  rolledBack(): void {
    if (this.#rolledBack) return;
    this.#rolledBack = true;
    this.#ports.log.error(
      'other nodes know more of this one than its store does: it was rolled back, recovering',
    );
    this.#ports.metrics.count('recovering.rolled-back');
    this.#recoverAll().catch(error => {
      // A full queue refuses the marks. They hold in memory, and the next greeting that tells of the
      // rollback writes them.
      this.#rolledBack = false;
      this.#ports.log.error('recovering could not begin', { why: String(error) });
    });
  }

  /** Every time: each successor may hold acknowledged writes that nobody else does. */
  async #replaced(): Promise<void> {
    const why = 'another process has borne the name of this node';
    this.#ports.log.error(`${why}: it takes it back, recovering`);
    this.#ports.metrics.count('recovering.replaced');
    this.#open.minter.distrust(why);
    await this.#recoverAll();
  }

  /** Resolves when that is durable; merging with the other owners begins then. */
  async #recoverAll(): Promise<void> {
    await this.#open.renewStore();
    if (this.#serving !== undefined) this.#upkeep.recover(this.#serving.ring);
  }

  #settlementOf({ counters, minter, verdict }: OpenReplica): Settlement {
    const kept = { incarnation: counters.incarnation, counter: counters.last };
    return new Settlement({
      self: this.#options.name,
      kept: verdict === 'keep' ? kept : undefined,
      clock: this.#ports.clock,
      greetAll: () => void this.#membership.greetAll(),
      renew: why => minter.renew(why),
      onContradicted: () => this.rolledBack(),
    });
  }

  async #recountDoubtful(): Promise<void> {
    const { segments, replica } = this.#open;
    await Promise.all(segments.doubtful().map(place => replica.recount(place).catch(() => false)));
  }

  #leaveHint(missed: { target: NodeName; place: KeyPlace }): void {
    const { metrics } = this.#ports;
    this.#open.replica.hint(missed).then(
      written => metrics.count('hint.written', Number(written)),
      () => {
        metrics.count('hint.failed');
        this.#reports.warn('a member missed a write, and no note of it could be kept', {
          advice: 'anti-entropy brings it',
        });
      },
    );
  }

  #membershipHooks() {
    const { join, expect, replication = REPLICATION_DEFAULT } = this.#options;
    const { counters, recovering, identity, segments, trail } = this.#open;
    const { name, zone, weight } = this.#options;
    return {
      ...this.#ports,
      file: this.#ports.cluster,
      founder: { name, zone, weight, nonce: identity().nonce },
      join,
      expect:
        segments.partitionsWithRows().length > 0
          ? undefined
          : (expect ?? (join.length === 0 ? 1 : undefined)),
      byDefault: expect === undefined && join.length === 0,
      replication,
      highestCounter: counters.highest.bind(counters),
      claim: () => this.#settlement.asking,
      onClaimAnswered: (answer: ClaimAnswer) => this.#settlement.answered(answer),
      store: () => ({ id: identity().storeId, lastBatch: trail.last }),
      onRolledBack: () => {
        this.#open.minter.distrust('the store was rolled back');
        this.rolledBack();
      },
      onReplaced: () => this.#replaced(),
      onBack: (name: NodeName) => this.#remotes.kick(name),
      onUp: (name: NodeName) => this.#upkeep.wake(name),
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
    return stampOf(cluster, { sender: this.#options.name, recipient, bootId: this.#self.bootId });
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
      hintsFor: hints.owed(this.#ports.clock.wall()),
      foreignRecords: this.#foreignRecords(),
      repair: this.#upkeep.repairing,
      refill: this.#upkeep.refilling,
      counters: this.#ports.metrics.snapshot(),
    };
  }

  #foreignRecords(): number {
    const primaries = this.#membership.cluster?.ring.primaries;
    const isForeign = (index: Partition) => primaries?.[index]?.includes(this.#options.name) === false;
    return this.#open.segments.recordsWhere(isForeign);
  }

  #awaited(): readonly string[] {
    const settling = this.#serving === undefined && this.#membership.cluster !== undefined;
    return settling ? this.#settlement.awaited : this.#membership.awaited;
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

function asStartUpError(error: unknown): StartUpError {
  return error instanceof StartUpError
    ? error
    : new StartUpError('the node could not begin to serve', { advice: String(error), cause: error });
}
