/**
 * Who is listened to, and what follows from a greeting (DESIGN §7, *Membership*): a node greets everybody it
 * knows, again and again, and learns from every greeting and every answer. It listens to those in the same
 * boat only: once in a cluster, to members of the same ring; before, to whoever shows no cluster, or one that
 * has a place for this node (birth: M1, M2, M3, M5). What it says is not decided here (greetings). Members
 * that have met gossip instead (circle); a process that is new is greeted once.
 *
 * M4  a node that meets another living process under its own name, or at its `--join` addresses another
 * cluster, does not serve
 * M6  a node that finds its cluster on its disk counts in no strict read before another member has answered
 * it (I5)
 *
 * M6: 1. w is acknowledged by a; 2. the power fails everywhere, and a's disk comes back as it was yesterday,
 * marks and all; 3. a is up first, and answers alone that there is no w. Whoever answers says what it
 * remembers of a (progress.ts).
 *
 * M7  a process denies what is believed of itself; above another of its name it goes only before it serves,
 * or when that one is down, and then recovers (rival)
 */
import type { StartUpError } from '../base/errors.ts';
import type { Incarnation, NodeName } from '../base/ids.ts';
import { type Cluster, type Founder, type Member, nameOfCluster } from '../core/membership/cluster.ts';
import type { Clock } from '../ports/clock.ts';
import type { DurableFile } from '../ports/durable-file.ts';
import type { Gossip, Gossiper } from '../ports/gossip.ts';
import type { Log } from '../ports/log.ts';
import type { Greeting, Meeting, Meetings, StoreProgress } from '../ports/meeting.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Random } from '../ports/random.ts';
import type { Acquaintances } from './acquaintances.ts';
import { Addresses } from './addresses.ts';
import { Birth } from './birth.ts';
import { Circle } from './circle.ts';
import type { ClaimAnswer } from './claim.ts';
import type { Remembered } from './cluster-file.ts';
import { ClusterMemory } from './cluster-memory.ts';
import { conflictOfTwo, conflictWithNewcomer } from './conflict.ts';
import { type Exchange, Greeter } from './greeter.ts';
import { Greetings } from './greetings.ts';
import { Joined } from './joined.ts';
import { Refusals } from './refusals.ts';
import { Reports } from './reports.ts';
import { RingHolders } from './ring-holders.ts';
import { type Rival, Rivals } from './rival.ts';

export interface MembershipParts {
  readonly self: Member;
  readonly founder: Founder;
  /** N of `--expect`; undefined for a node that only joins. */
  readonly expect: number | undefined;
  /** N is 1 because nobody said otherwise. */
  readonly byDefault: boolean;
  /** Peer addresses of `--join`. */
  readonly join: readonly string[];
  readonly replication: number;
  readonly remembered: Remembered;
  readonly file: DurableFile;
  readonly acquaintances: Acquaintances;
  readonly meetings: Meetings;
  readonly gossiper: (name: NodeName) => Gossiper;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The highest counter held of an incarnation. */
  readonly highestCounter: (of: Incarnation) => number;
  /** The incarnation this node would like to keep, if it asks. */
  readonly claim: () => Incarnation | undefined;
  /** Another member has said how far it knows the incarnation it was asked about. */
  readonly onClaimAnswered: (answer: ClaimAnswer) => void;
  /** How far this node's store has come. */
  readonly store: () => StoreProgress;
  /** Another member has heard of a later batch of this store than it holds. */
  readonly onRolledBack: () => void;
  /**
   * Another process has borne this node's name: what was acknowledged meanwhile may lie with that one only.
   * Resolves when it is durable that all partitions are recovering.
   */
  readonly onReplaced: () => Promise<void>;
  /** A member that did not answer has spoken: the way to it may be open again. */
  readonly onBack: (node: NodeName) => void;
  /** A member answers that did not before. */
  readonly onUp: (node: NodeName) => void;
  /** Marks every partition recovering; resolves when that is durable. */
  readonly markLost: () => Promise<void>;
  /** The cluster is known and durable. Called at most once. */
  readonly onCluster: (cluster: Cluster) => void;
  /** This node must not serve. Called at most once, and not after {@link Membership.serving}. */
  readonly onRefused: (error: StartUpError) => void;
}

const GREET_MS_WAITING = 200;
const GREET_MS = 500;

export class Membership implements Meeting {
  readonly #parts: MembershipParts;
  readonly #birth: Birth;
  readonly #greeter: Greeter;
  readonly #greetings: Greetings;
  readonly #reports: Reports;
  readonly #memory: ClusterMemory;
  readonly #holders = new RingHolders();
  /** Those who are members already, among themselves. */
  readonly circle: Circle;
  readonly #rivals: Rivals;
  /** How far the store had come when this process began: what others remember beyond it, it has forgotten. */
  readonly #openedAt: number;
  readonly #addresses: Addresses;
  readonly #refusals: Refusals;
  readonly #joined: Joined;
  #cluster: Cluster | undefined;
  #isUnvouched: boolean;
  #serving = false;
  #stopped = false;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
    this.#openedAt = parts.store().lastBatch;
    this.#isUnvouched = (parts.remembered.cluster?.ring.members.length ?? 1) > 1;
    this.#reports = new Reports(parts.log);
    this.#refusals = new Refusals({
      self: parts.self.name,
      reports: this.#reports,
      serves: () => this.#serving,
      onRefused: error => this.#refused(error),
    });
    this.#joined = new Joined({
      ...parts,
      reports: this.#reports,
      refusals: this.#refusals,
      cluster: () => this.#cluster,
      onClosed: shown => this.#birth.closedTo(shown),
    });
    this.#memory = new ClusterMemory({ ...parts, members: () => parts.acquaintances.all() });
    this.#addresses = new Addresses(parts);
    this.#birth = new Birth({
      ...parts,
      self: parts.self.name,
      vote: parts.remembered.vote,
      write: decided => this.#memory.write(decided),
      onVoted: () => void this.greetAll(),
      onCluster: cluster => {
        this.#belongTo(cluster);
        this.#announce(cluster);
      },
      onFailed: cause => this.#refusals.unwritten(cause),
    });
    this.#greetings = new Greetings({ ...parts, birth: this.#birth, cluster: () => this.#cluster });
    if (parts.remembered.cluster !== undefined) this.#belongTo(parts.remembered.cluster);
    this.circle = new Circle({
      ...parts,
      cluster: () => this.#cluster,
      onStore: (name, said) => this.#noteStore(name, said),
      onStranger: name => this.#strange(name),
      onDisputed: said => this.#rivals.heardOf({ ...said, isDown: said.state === 'down' }),
    });
    this.#rivals = new Rivals({
      ...parts,
      serves: () => this.#serving,
      visit: address => this.#greeter.visit([address]),
      onSucceeded: address => this.#refusals.succeeded(address),
    });
    parts.acquaintances.onNews(({ before, after }) => {
      const isMoved = before?.peerAddress !== after.peerAddress || before.address !== after.address;
      if (isMoved || (after.state === 'removed' && before.state !== 'removed')) this.#memory.moved();
    });
    this.#greeter = new Greeter({
      ...parts,
      everybody: () => this.#addresses.everybody(),
      newcomers: () => this.#dueNow(),
      greeting: address => this.#greetings.question(this.#holders.at(address)),
      answered: exchange => this.#answered(exchange),
      unanswered: (address, failure) => {
        this.#holders.unanswered(address);
        parts.acquaintances.failedAt(address, { failure });
        this.#rivals.notAt(address);
      },
      onBeat: () => this.#memory.beat(),
      everyMs: () => (this.#cluster === undefined ? GREET_MS_WAITING : GREET_MS),
    });
  }

  get cluster(): Cluster | undefined {
    return this.#cluster;
  }

  /**
   * No other member of its cluster has said yet whether it knows more of this node's store than that holds
   * (M6).
   */
  get isUnvouched(): boolean {
    return this.#isUnvouched;
  }

  /** Who or what this node waits for before it has a cluster, one sentence each. */
  get awaited(): readonly string[] {
    if (this.#cluster !== undefined) return [];
    const silent = this.#addresses.silent.map(address => `an answer from ${address}`);
    return [...this.#birth.awaited, ...silent];
  }

  /** Begins to greet and to act. A cluster that was known before is announced at once. */
  start(): void {
    if (this.#cluster === undefined) this.#birth.start();
    else this.#announce(this.#cluster);
    this.#greeter.start();
  }

  /** From now on conflicts are only reported: a node that serves is not stopped by a newcomer's mistake. */
  serving(): void {
    this.#serving = true;
    this.#memory.moved();
    this.circle.start();
  }

  /** Tells some members that this node is about to end. Resolves when they know, or do not answer. */
  async farewell(): Promise<void> {
    if (this.#serving && !this.#stopped) await this.circle.farewell();
  }

  /** What is heard from now on is not listened to. */
  stop(): void {
    this.#stopped = true;
    this.#birth.stop();
    this.#greeter.stop();
    this.circle.stop();
  }

  /** An answer may be of a process that another has followed; it says so by its own entry. */
  #noteStore(name: NodeName, { entries, store }: Gossip): void {
    const bootId = this.#parts.acquaintances.get(name)?.bootId;
    const speaker = entries.find(entry => entry.name === name)?.bootId ?? bootId;
    if (bootId !== undefined && speaker === bootId) this.#memory.note({ name, bootId, store });
  }

  /** A greeting will tell what is wrong: it may have lost its disk, or live elsewhere. */
  #strange(name: NodeName): void {
    this.#parts.acquaintances.failed(name, 'not sent');
    this.#addresses.forget(name);
  }

  async meet(greeting: Greeting): Promise<Greeting> {
    if (!this.#stopped) this.#visited(greeting);
    const rememberedBatch = this.#isBelieved(greeting.self)
      ? this.#memory.note({ ...greeting.self, store: greeting.store })
      : 0;
    return this.#greetings.answer(greeting, rememberedBatch);
  }

  #visited(greeting: Greeting): void {
    const { name } = greeting.self;
    const wasAway = !this.#parts.acquaintances.reachable(name);
    const visit = this.#learn(greeting);
    if (visit === undefined) return;
    if (this.#isBelieved(greeting.self)) this.circle.heard(name);
    if (wasAway) this.circle.back(name);
    this.#greeter.visit(visit);
    if (wasAway || this.#isUnvouched) this.#askBack(greeting.self.peerAddress);
  }

  /**
   * Whether this very process is the one that is known under its name; nobody has to be told of one's own
   * store.
   */
  #isBelieved({ name, bootId }: Member): boolean {
    return name !== this.#parts.self.name && this.#parts.acquaintances.get(name)?.bootId === bootId;
  }

  /**
   * The next round is half a second away, and until then that one is not asked for anything, and this node
   * may count in nothing strict (M6). Not within the visit: the other one may ask back as well.
   */
  #askBack(address: string): void {
    void Promise.resolve().then(() => this.#greeter.visit([address]));
  }

  /** Greets everybody once; resolves when each has answered or failed to. */
  greetAll(): Promise<void> {
    return this.#greeter.greetAll();
  }

  /** Everybody, until it is settled who and where this node is; then those who are new to it. */
  #dueNow(): Iterable<string> {
    const isSettled = this.#cluster !== undefined && !this.#isUnvouched && this.#parts.claim() === undefined;
    return isSettled ? this.#addresses.newcomers() : this.#addresses.everybody();
  }

  #answered(exchange: Exchange): readonly string[] {
    const { address, answer } = exchange;
    const { self, acquaintances } = this.#parts;
    this.#addresses.answeredAt(address);
    acquaintances.failedAt(address, { failure: 'not sent', but: answer.self.name });
    if (answer.self.name === self.name) {
      if (answer.self.bootId === self.bootId) this.#rivals.isHere(address);
      else this.#refusals.twin(address);
      return [];
    }
    this.#rivals.notAt(address);
    if (this.#holders.answered(exchange)) this.#greeter.again(address);
    if (this.#addresses.isJoin(address)) this.#joined.answered(address, answer);
    const visit = this.#learn(answer);
    if (visit === undefined) return [];
    if (this.#isBelieved(answer.self)) this.circle.answered(answer.self.name);
    // Not believed to be what it is, this process was answered as if it were another.
    if (answer.disputedVersion > 0) this.#contradict(exchange);
    else this.#vouched(exchange);
    return visit;
  }

  #contradict({ address, answer }: Exchange): void {
    const { acquaintances } = this.#parts;
    if (answer.disputedVersion < acquaintances.self.version) return;
    const rival = this.#rivalIn(answer);
    if (rival === undefined) return;
    this.#rivals.heardOf(rival);
    if (acquaintances.self.version > answer.disputedVersion) this.#greeter.again(address);
  }

  /** What the other side remembers of this node's store and incarnation. */
  #vouched({ asked, answer }: Exchange): void {
    if (answer.rememberedBatch > this.#openedAt) this.#parts.onRolledBack();
    // One that has no cluster yet has lost its disk: it remembers nobody.
    if (answer.named !== undefined) {
      this.#isUnvouched = false;
      this.#addresses.greeted(answer.self);
    }
    const { self, highestCounter: counter } = answer;
    this.#parts.onClaimAnswered({ by: self.name, about: asked.incarnation, counter });
  }

  /** Whoever disputes what this node is knows it as something. */
  #rivalIn({ members, disputedVersion: version, disputedDown: isDown }: Greeting): Rival | undefined {
    const known = members.find(({ name }) => name === this.#parts.self.name);
    return known && { ...known, version, isDown };
  }

  /** When everybody was asked: whether this node is where it belongs (M4). */
  checkJoined(): void {
    this.#joined.check();
  }

  /** Addresses that the speaker knows and this node should try; undefined when it was not listened to. */
  #learn(greeting: Greeting): readonly string[] | undefined {
    const { acquaintances, self } = this.#parts;
    if (this.#cannotJudge(greeting)) {
      this.#birth.listenOn();
      return undefined;
    }
    const obstacle = this.#obstacle(greeting);
    if (obstacle !== undefined) {
      this.#reports.warn('a greeting was not listened to', { from: greeting.self.name, why: obstacle });
      return undefined;
    }
    const tried = greeting.members.filter(member => acquaintances.mentioned(member));
    if (this.#cluster === undefined) this.#birth.learn(greeting);
    return tried.map(({ peerAddress }) => peerAddress).filter(address => address !== self.peerAddress);
  }

  /**
   * Whether a cluster has a place for this node, only its ring says; an answer that names none brings it
   * (ring-holders).
   */
  #cannotJudge({ named, cluster }: Greeting): boolean {
    return this.#cluster === undefined && named !== undefined && cluster === undefined;
  }

  /** Why this greeting is not listened to; if it is, its speaker is known from now on. */
  #obstacle(greeting: Greeting): string | undefined {
    const { self: speaker } = greeting;
    const { self, acquaintances } = this.#parts;
    if (speaker.name === self.name) return 'it bears the name of this node';
    const conflict = this.#conflict(greeting);
    if (conflict !== undefined) {
      this.#birth.remark(`${speaker.name} is not listened to: ${conflict}`);
      return conflict;
    }
    const introduced = acquaintances.introduced(speaker, greeting.version);
    if (introduced === 'known') return undefined;
    if (introduced === 'stranger') return 'it is no member of this cluster';
    if (introduced === 'incredible') return `its version leaps to ${greeting.version}`;
    return `a process under its name answers at ${acquaintances.get(speaker.name)?.peerAddress}`;
  }

  #conflict({ named, cluster: shown }: Greeting): string | undefined {
    if (this.#cluster !== undefined)
      return named && conflictOfTwo({ mine: nameOfCluster(this.#cluster), theirs: named });
    return shown && conflictWithNewcomer(shown, { self: this.#parts.self.name, vote: this.#birth.vote });
  }

  #belongTo(cluster: Cluster): void {
    this.#cluster = cluster;
    this.#birth.stop();
    this.#parts.acquaintances.confine(cluster.ring.members.map(({ name }) => name));
  }

  #announce(cluster: Cluster): void {
    const nodes = cluster.ring.members.map(({ name }) => name);
    const { epoch } = cluster.ring;
    this.#parts.log.info('member of a cluster', { cluster: cluster.id, epoch, nodes });
    this.#parts.onCluster(cluster);
    void this.greetAll();
  }

  #refused(error: StartUpError): void {
    if (this.#stopped) return;
    this.stop();
    this.#parts.onRefused(error);
  }
}
