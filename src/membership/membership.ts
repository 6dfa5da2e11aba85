/**
 * How this node becomes and stays part of a cluster (DESIGN §5 *Birth*, §7 *Membership*): it greets everybody it knows, again and again, and
 * learns from every greeting. What it hears only changes its state; then one function, `#evaluate`, decides what to do:
 *
 *   M1  a ring, once learned or born, is written down before it is acted on
 *   M2  a vote is written down before it is shown, and never changed
 *   M3  a node that a born ring names, but that did not vote for it, has lost its disk: it is recovering before it serves (I5)
 *   M4  a node that meets another living process under its own name, or at its `--join` addresses another cluster, does not serve
 *
 * The repeated greetings are the heartbeat until gossip and an accrual detector take over.
 */
import { compareText } from '../base/bytes.ts';
import { StartUpError } from '../base/errors.ts';
import type { Incarnation, NodeName } from '../base/ids.ts';
import { type Cluster, clusterIdOf, type Founder, type FoundingSet, type Member } from '../core/cluster.ts';
import { foundingStep } from '../core/founding.ts';
import { PARTITIONS } from '../core/placement.ts';
import { ring } from '../core/ring.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { DurableFile } from '../ports/durable-file.ts';
import type { Log } from '../ports/log.ts';
import type { Greeting, Meeting, Meetings } from '../ports/meeting.ts';
import { ReplicaFailed } from '../ports/replica.ts';
import type { Acquaintances } from './acquaintances.ts';
import { clusterContent, type Remembered } from './cluster-file.ts';

export interface MembershipParts {
  readonly self: Member;
  readonly founder: Founder;
  /** N of `--expect`; undefined for a node that only joins. */
  readonly expect: number | undefined;
  /** Peer addresses of `--join`. */
  readonly join: readonly string[];
  readonly replication: number;
  readonly remembered: Remembered;
  readonly file: DurableFile;
  readonly acquaintances: Acquaintances;
  readonly meetings: Meetings;
  readonly clock: Clock;
  readonly log: Log;
  /** The highest counter held of an incarnation. */
  readonly highestCounter: (of: Incarnation) => number;
  /** The incarnation this node would like to keep, if it asks. */
  readonly claim: () => Incarnation | undefined;
  /** A member has said how far it knows the claimed incarnation. */
  readonly onClaimAnswered: (answer: { readonly by: NodeName; readonly counter: number }) => void;
  /** Marks every partition recovering; resolves when that is durable. */
  readonly markLost: () => Promise<void>;
  /** The cluster is known and written down. */
  readonly onCluster: (cluster: Cluster) => void;
  /** This node must not serve. */
  readonly onRefused: (error: StartUpError) => void;
}

const GREET_MS_WAITING = 200;
const GREET_MS = 500;
/** A greeting that takes longer counts as unanswered. */
const GREETING_MS_MAX = 1_000;

export class Membership implements Meeting {
  readonly #parts: MembershipParts;
  readonly #met = new Map<NodeName, Founder>();
  readonly #heard = new Set<NodeName>();
  readonly #votes = new Map<NodeName, FoundingSet>();
  /** Addresses with a greeting under way. */
  readonly #greeting = new Set<string>();
  /** `--join` addresses that have answered. */
  readonly #joined = new Set<string>();
  #vote: FoundingSet | undefined;
  #cluster: Cluster | undefined;
  /** A born cluster that does not know this node. */
  #closedTo: Cluster | undefined;
  #shown: Cluster | undefined;
  #awaited: readonly string[] = [];
  #evaluating = false;
  #written: Promise<void> = Promise.resolve();
  #serving = false;
  #stopped = false;
  #timer: Timer | undefined;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
    this.#vote = parts.remembered.vote;
    this.#cluster = parts.remembered.cluster;
    if (parts.expect !== undefined) this.#met.set(parts.self.name, parts.founder);
    this.#heard.add(parts.self.name);
    if (this.#vote !== undefined) this.#votes.set(parts.self.name, this.#vote);
  }

  get cluster(): Cluster | undefined {
    return this.#cluster;
  }

  /** Who or what this node waits for, one sentence each. */
  get awaited(): readonly string[] {
    return this.#cluster === undefined ? this.#awaited : [];
  }

  /** Begins to greet. A cluster that was known before is announced at once. */
  start(): void {
    if (this.#cluster !== undefined) this.#parts.onCluster(this.#cluster);
    this.#beat();
    void this.#evaluate();
  }

  /** From now on conflicts are only reported: a node that serves is not stopped by a newcomer's mistake. */
  serving(): void {
    this.#serving = true;
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async meet(greeting: Greeting): Promise<Greeting> {
    this.#learn(greeting);
    const highestCounter =
      greeting.incarnation === undefined ? 0 : this.#parts.highestCounter(greeting.incarnation);
    return { ...this.#greetingNow(), incarnation: undefined, highestCounter };
  }

  /** Greets everybody once; resolves when each has answered or failed to. */
  async greetAll(): Promise<void> {
    const members = this.#parts.acquaintances.others().map(({ peerAddress }) => peerAddress);
    const addresses = new Set([...members, ...this.#parts.join]);
    addresses.delete(this.#parts.self.peerAddress);
    await Promise.all([...addresses].sort().map(address => this.#greet(address)));
  }

  #beat(): void {
    if (this.#stopped) return;
    void this.greetAll();
    const ms = this.#cluster === undefined ? GREET_MS_WAITING : GREET_MS;
    this.#timer = this.#parts.clock.after(ms, () => this.#beat());
  }

  async #greet(address: string): Promise<void> {
    if (this.#greeting.has(address) || this.#stopped) return;
    this.#greeting.add(address);
    const { clock, meetings } = this.#parts;
    const call = { deadline: clock.now() + GREETING_MS_MAX, cancelled: false };
    try {
      const answer = await meetings.at(address).meet(this.#greetingNow(), call);
      this.#joined.add(address);
      this.#answered(address, answer);
    } catch (error) {
      const failure = error instanceof ReplicaFailed ? error.failure : 'lost';
      const member = this.#parts.acquaintances.others().find(({ peerAddress }) => peerAddress === address);
      if (member !== undefined) this.#parts.acquaintances.failed(member.name, failure);
    } finally {
      this.#greeting.delete(address);
    }
  }

  #answered(address: string, answer: Greeting): void {
    const { self } = this.#parts;
    if (answer.self.name === self.name && answer.self.bootId !== self.bootId) {
      this.#refuse(
        `node ${self.name} is already running at ${address}`,
        'stop it, or give this node another --name and --data',
      );
      return;
    }
    if (answer.self.name === self.name) return;
    this.#learn(answer);
    if (this.#isForeign(answer) && this.#parts.join.includes(address)) {
      this.#refuse(
        `this data directory belongs to cluster ${this.#cluster?.id}, but ${address} to cluster ${answer.cluster?.id}`,
        'correct --join, or give an empty --data to join that cluster',
      );
    }
    if (this.#parts.claim() !== undefined) {
      this.#parts.onClaimAnswered({ by: answer.self.name, counter: answer.highestCounter });
    }
  }

  #learn(greeting: Greeting): void {
    if (this.#isForeign(greeting)) {
      this.#parts.log.warn('a node of another cluster was met', {
        node: greeting.self.name,
        cluster: greeting.cluster?.id ?? '',
      });
      return;
    }
    const { acquaintances, self } = this.#parts;
    const before = acquaintances.get(greeting.self.name);
    if (!acquaintances.introduced(greeting.self)) {
      this.#parts.log.warn('two processes under one name', {
        node: greeting.self.name,
        at: greeting.self.peerAddress,
      });
      return;
    }
    for (const member of greeting.members) {
      acquaintances.mentioned(member);
      if (
        member.name === self.name &&
        member.bootId !== self.bootId &&
        member.peerAddress !== self.peerAddress
      ) {
        // Our name at another address: an earlier life of ours, or somebody who answers there (M4).
        void this.#greet(member.peerAddress);
      }
    }
    if (before?.peerAddress !== greeting.self.peerAddress || before.address !== greeting.self.address)
      this.#remember();
    this.#learnFounders(greeting);
    this.#shown ??= greeting.cluster;
    void this.#evaluate();
  }

  #learnFounders({ self, founder, met, vote }: Greeting): void {
    this.#heard.add(self.name);
    if (founder !== undefined) this.#met.set(self.name, founder);
    for (const other of met) {
      if (!this.#met.has(other.name)) this.#met.set(other.name, other);
    }
    if (vote !== undefined) this.#votes.set(self.name, vote);
  }

  /** Somebody has moved: after a restart of all, this is how they find each other. */
  #remember(): void {
    if (this.#cluster === undefined) return;
    this.#write({ vote: this.#vote, cluster: this.#cluster }).catch(cause => {
      this.#parts.log.error('the cluster file cannot be written', { why: String(cause) });
    });
  }

  /** One write of the file after the other, each with the newest addresses. */
  #write(what: Pick<Remembered, 'vote' | 'cluster'>): Promise<void> {
    const { file, acquaintances } = this.#parts;
    const written = this.#written.then(() =>
      file.write(clusterContent({ ...what, members: acquaintances.all() })),
    );
    this.#written = written.catch(() => undefined);
    return written;
  }

  /** The one place that acts on what is known. Never two at once; what was heard meanwhile is looked at again. */
  async #evaluate(): Promise<void> {
    if (this.#evaluating) return;
    this.#evaluating = true;
    try {
      while (!this.#stopped && this.#cluster === undefined && (await this.#step()));
    } finally {
      this.#evaluating = false;
    }
  }

  /** True when something was written down, so that there may be more to do. */
  async #step(): Promise<boolean> {
    if (this.#shown !== undefined) return await this.#adopt(this.#shown);
    const step = this.#foundingStep();
    if (step.kind === 'wait') this.#awaited = step.awaited;
    if (step.kind === 'vote') await this.#writeVote(step.set);
    if (step.kind === 'found') await this.#become(this.#born(step.set));
    return step.kind !== 'wait';
  }

  #foundingStep(): ReturnType<typeof foundingStep> {
    const { expect } = this.#parts;
    if (expect === undefined) return { kind: 'wait', awaited: this.#silentJoins() };
    const step = foundingStep({
      expect,
      met: this.#met,
      heard: this.#heard,
      votes: this.#votes,
      vote: this.#vote,
    });
    return step.kind === 'wait' ? { ...step, awaited: [...step.awaited, ...this.#silentJoins()] } : step;
  }

  #silentJoins(): readonly string[] {
    const silent = this.#parts.join.filter(address => !this.#joined.has(address));
    if (silent.length > 0) return silent.map(address => `an answer from ${address}`);
    return this.#parts.expect === undefined ? ['the birth of the cluster'] : [];
  }

  async #writeVote(set: FoundingSet): Promise<void> {
    await this.#write({ vote: set, cluster: undefined });
    this.#vote = set;
    this.#votes.set(this.#parts.self.name, set);
    void this.greetAll();
  }

  #born(set: FoundingSet): Cluster {
    const members = set.map(({ name, zone, weight }) => ({ name, zone, weight }));
    const { replication } = this.#parts;
    return { id: clusterIdOf(set), ring: ring({ members, partitions: PARTITIONS, replication, epoch: 1 }) };
  }

  async #adopt(cluster: Cluster): Promise<boolean> {
    if (!cluster.ring.members.some(({ name }) => name === this.#parts.self.name)) {
      this.#closedTo = cluster;
      this.#awaited = [
        `a place in cluster ${cluster.id}, which was born without ${this.#parts.self.name}; its members are fixed`,
      ];
      return false;
    }
    const voted = this.#vote !== undefined && clusterIdOf(this.#vote) === cluster.id;
    if (!voted) {
      this.#parts.log.warn(
        'the cluster knows this node, but its disk does not know the cluster: recovering',
        { cluster: cluster.id },
      );
      await this.#parts.markLost();
    }
    await this.#become(cluster);
    return true;
  }

  async #become(cluster: Cluster): Promise<void> {
    await this.#write({ vote: this.#vote, cluster });
    this.#cluster = cluster;
    this.#parts.log.info('member of a cluster', {
      cluster: cluster.id,
      epoch: cluster.ring.epoch,
      nodes: cluster.ring.members.map(({ name }) => name),
    });
    this.#parts.onCluster(cluster);
    void this.greetAll();
  }

  #greetingNow(): Greeting {
    const { self, founder, expect, acquaintances, claim } = this.#parts;
    const unborn = this.#cluster === undefined && this.#closedTo === undefined && expect !== undefined;
    return {
      self,
      expect,
      founder: unborn ? founder : undefined,
      members: acquaintances.all(),
      met: unborn ? [...this.#met.values()].sort((a, b) => compareText(a.name, b.name)) : [],
      vote: this.#vote,
      cluster: this.#cluster,
      incarnation: claim(),
      highestCounter: 0,
    };
  }

  #isForeign({ cluster }: Greeting): boolean {
    return cluster !== undefined && this.#cluster !== undefined && cluster.id !== this.#cluster.id;
  }

  #refuse(problem: string, advice: string): void {
    if (this.#serving) this.#parts.log.error(problem, { advice });
    else this.#parts.onRefused(new StartUpError(problem, { advice }));
  }
}
