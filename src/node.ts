/**
 * One node, wired from its ports: replica, coordinator, membership and repair. Knows no gRPC, LevelDB or
 * pino, so the simulator runs this very class (DESIGN §3, §10). Decides nothing but who is given what: what
 * concerns the whole node, and no engine alone, is in src/node/.
 */
import { assert } from './base/assert.ts';
import type { StartUpError } from './base/errors.ts';
import type { NodeName, Partition } from './base/ids.ts';
import { Coordinator } from './coordinator/coordinator.ts';
import { Pace } from './coordinator/pace.ts';
import type { CoordinatorParts } from './coordinator/parts.ts';
import { timed } from './coordinator/timed.ts';
import type { Cluster, Member } from './core/membership/cluster.ts';
import type { KeyPlace } from './core/ring/placement.ts';
import { Acquaintances } from './membership/acquaintances.ts';
import { type Remembered, remember } from './membership/cluster-file.ts';
import { Membership, type MembershipParts } from './membership/membership.ts';
import { ClusterOverview, type OverviewParts } from './membership/overview.ts';
import { Settlement, type SettlementParts } from './membership/settlement.ts';
import { refusalOf, stampOf } from './membership/stamp.ts';
import { forgottenCluster, foundingOf } from './node/founding.ts';
import { Life } from './node/life.ts';
import { MissedWrites } from './node/missed-writes.ts';
import { memberOf, type NodeOptions } from './node/options.ts';
import { ownStatus } from './node/own-status.ts';
import { PeersAndSelf } from './node/peers.ts';
import type { NodePorts } from './node/ports.ts';
import { Recovery } from './node/recovery.ts';
import { startUp, startUpError } from './node/start-up.ts';
import type { Comparisons } from './ports/comparisons.ts';
import type { GossipListener } from './ports/gossip.ts';
import type { Meeting } from './ports/meeting.ts';
import type { Overview, Repairs } from './ports/overview.ts';
import type { Peers, RemoteHooks, Remotes } from './ports/peers.ts';
import type { Replica } from './ports/replica.ts';
import type { Requests } from './ports/requests.ts';
import type { Stamp } from './ports/stamp.ts';
import { RepairsByHand } from './repair/by-hand.ts';
import { ownership } from './repair/owners.ts';
import { Upkeep, type UpkeepParts } from './repair/upkeep.ts';
import { GuardedReplica } from './replica/guarded.ts';
import { GuardedComparisons } from './replica/guarded-comparisons.ts';
import { type OpenReplica, openReplica } from './replica/opening.ts';
import type { LocalReplica } from './replica/replica.ts';

export type { NodeOptions, WayTogether } from './node/options.ts';
export type { NodePorts } from './node/ports.ts';

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
  const holdsRecords = open.segments.partitionsWithRows().length > 0;
  const refusal = forgottenCluster(options, { remembered, holdsRecords });
  if (refusal !== undefined) {
    await open.close();
    throw refusal;
  }
  const node = new Node({ options, ports, open, remembered, holdsRecords });
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
  readonly #ports: NodePorts;
  readonly #open: OpenReplica;
  readonly #self: Member;
  readonly #life: Life;
  readonly #acquaintances: Acquaintances;
  readonly #remotes: Remotes;
  readonly #peers: Peers;
  readonly #membership: Membership;
  readonly #settlement: Settlement;
  readonly #upkeep: Upkeep;
  readonly #recovery: Recovery;

  constructor(parts: NodeParts) {
    const { options, ports, open, remembered } = parts;
    this.#ports = ports;
    this.#open = open;
    this.#self = memberOf(options, ports.random);
    this.#life = new Life(open.committer);
    this.#acquaintances = new Acquaintances({ ...ports, self: this.#self, remembered: remembered.members });
    this.#remotes = ports.remotes(this.#remoteHooks());
    this.#peers = this.#peersAndSelf();
    const coordinator = new Coordinator(this.#coordinatorParts(options));
    this.#membership = new Membership(this.#membershipParts(parts));
    this.#settlement = new Settlement(this.#settlementParts());
    this.#upkeep = new Upkeep(this.#upkeepParts(options));
    this.#recovery = new Recovery(this.#whole);
    this.requests = timed(coordinator, ports.clock, this.#upkeep.courtesy);
    this.handedOn = coordinator.handedOn;
    this.local = open.replica;
    this.replica = new GuardedReplica({ ...this.#surroundings, replica: open.replica });
    this.meeting = this.#membership;
    this.gossip = this.#membership.circle;
    this.overview = new ClusterOverview(this.#overviewParts());
    this.repairs = new RepairsByHand({
      self: this.#self.name,
      state: () => this.#life.state,
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
    return new GuardedComparisons({
      ...this.#ports,
      self: this.#self.name,
      asker,
      comparisons: this.#open.comparing,
      ring: () => this.#life.ring,
      isBusy: (partition: Partition) => this.#upkeep.isBusy(partition),
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
      self: this.#self.name,
      serving: this.#life.serving,
      bootOf: name => this.#acquaintances.bootOf(name),
    });
    if (refusal === undefined) this.#membership.circle.heard(stamp.sender);
    return refusal;
  }

  /** Takes nothing new and stops what runs in the background. */
  drain(): void {
    if (this.#life.drain()) void this.#membership.farewell();
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

  /**
   * No other member has said yet whether our store was rolled back: until then we count like one that is
   * recovering (I5).
   */
  get isUnvouched(): boolean {
    return this.#membership.isUnvouched;
  }

  /** Whether this node is an owner of the key, by the ring it serves under. */
  owns({ partition }: KeyPlace): boolean {
    const { ring } = this.#life;
    return ring !== undefined && ownership(ring, { partition, self: this.#self.name }).owned;
  }

  /** Others know more of us than our own store: acknowledged rows are missing. */
  rolledBack(): void {
    this.#recovery.rolledBack();
  }

  /** What every engine is given. */
  get #surroundings() {
    return {
      ...this.#ports,
      self: this.#self.name,
      peers: this.#peers,
      ring: () => this.#life.ring,
    };
  }

  /** For what concerns all of the node. */
  get #whole() {
    return {
      ...this.#ports,
      self: this.#self,
      life: this.#life,
      open: this.#open,
      membership: this.#membership,
      settlement: this.#settlement,
      upkeep: this.#upkeep,
    };
  }

  #remoteHooks(): RemoteHooks {
    return {
      addressOf: name => this.#acquaintances.get(name)?.peerAddress,
      stamp: to => this.#stamp(to),
      heard: name => this.#membership.circle.answered(name),
      failed: (name, failure) => this.#membership.circle.failed(name, failure),
    };
  }

  #stamp(recipient: NodeName): Stamp {
    const { name: sender, bootId } = this.#self;
    const cluster = this.#membership.cluster;
    assert(cluster !== undefined, 'nothing but greetings is sent before the ring is known');
    return stampOf(cluster, { sender, recipient, bootId });
  }

  #peersAndSelf(): Peers {
    const { replica, comparing } = this.#open;
    return new PeersAndSelf({
      self: this.#self.name,
      own: { replica, comparisons: comparing, coordinator: () => this.handedOn },
      remotes: this.#remotes,
      acquaintances: this.#acquaintances,
    });
  }

  #coordinatorParts({ without }: NodeOptions): CoordinatorParts {
    const { replica } = this.#open;
    const missed = new MissedWrites({ ...this.#ports, replica });
    return {
      ...this.#surroundings,
      cluster: () => this.#life.serving,
      local: replica,
      pace: new Pace(),
      repairsReads: without?.has('read-repair') !== true,
      leaveHint: missing => missed.note(missing),
    };
  }

  #membershipParts({ options, open, remembered, holdsRecords }: NodeParts): MembershipParts {
    const { counters, recovering, identity, trail } = open;
    const { name, zone, weight, join } = options;
    return {
      ...this.#ports,
      ...foundingOf(options, { holdsRecords }),
      self: this.#self,
      founder: { name, zone, weight, nonce: identity().nonce },
      join,
      remembered,
      file: this.#ports.cluster,
      acquaintances: this.#acquaintances,
      meetings: this.#remotes,
      gossiper: name => this.#remotes.gossiper(name),
      highestCounter: counters.highest.bind(counters),
      claim: () => this.#settlement.asking,
      onClaimAnswered: answer => this.#settlement.answered(answer),
      store: () => ({ id: identity().storeId, lastBatch: trail.last }),
      markLost: () => recovering.markAll(),
      onRolledBack: () => this.#recovery.storeRolledBack(),
      onReplaced: () => this.#recovery.replaced(),
      onBack: name => this.#remotes.kick(name),
      onUp: name => this.#upkeep.wake(name),
      onCluster: cluster => this.#startUp(cluster),
      onRefused: error => this.#refuse(error),
    };
  }

  #settlementParts(): SettlementParts {
    const { counters, minter, verdict } = this.#open;
    const kept = { incarnation: counters.incarnation, counter: counters.last };
    return {
      self: this.#self.name,
      kept: verdict === 'keep' ? kept : undefined,
      clock: this.#ports.clock,
      greetAll: () => void this.#membership.greetAll(),
      renew: why => minter.renew(why),
      onContradicted: () => this.#recovery.rolledBack(),
    };
  }

  #upkeepParts({ without }: NodeOptions): UpkeepParts {
    const { recovering, scrub, custody, digests, replica } = this.#open;
    return {
      ...this.#surroundings,
      recovering,
      scrub,
      holdings: custody,
      own: digests,
      applyAll: records => replica.applyAll(records),
      healed: healing => replica.healed(healing),
      compares: without?.has('anti-entropy') !== true,
    };
  }

  #overviewParts(): OverviewParts {
    return {
      acquaintances: this.#acquaintances,
      cluster: () => this.#membership.cluster,
      own: () => ownStatus(this.#whole),
      reachable: name => this.#peers.reachable(name),
    };
  }

  #startUp(cluster: Cluster): void {
    startUp(cluster, this.#whole).catch(error => this.#refuse(startUpError(error)));
  }

  #refuse(error: StartUpError): void {
    this.#life.refuse();
    this.#ports.onRefused(error);
  }
}

interface NodeParts {
  readonly options: NodeOptions;
  readonly ports: NodePorts;
  readonly open: OpenReplica;
  readonly remembered: Remembered;
  /** Its store holds some, or may. */
  readonly holdsRecords: boolean;
}
