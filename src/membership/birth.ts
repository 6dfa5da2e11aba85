/**
 * How a node comes to its cluster (DESIGN §5, *Birth*): founds it with others, or takes its place in one that
 * is born and names it. What is heard only changes the state; then one function, `#evaluate`, decides what to
 * do:
 *
 *   M1  a ring, once learned or born, is written down before it is acted on
 *   M2  a vote is written down before it is shown, and never changed
 * M3  a node that a born ring names, but that did not vote for it, has lost its disk: it is recovering before
 * it serves (I5)
 * M5  what cannot be written down ends the start: whether it was written is unknown, and the next start will
 * see
 *
 * Does not decide who is listened to (membership), nor what the founders' words come to
 * (core/membership/founding).
 */
import type { NodeName } from '../base/ids.ts';
import { type Cluster, clusterIdOf, type Founder, type FoundingSet } from '../core/membership/cluster.ts';
import { PARTITIONS } from '../core/ring/placement.ts';
import { ring } from '../core/ring/ring.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Greeting } from '../ports/meeting.ts';
import type { Remembered } from './cluster-file.ts';
import { Founders } from './founders.ts';

export interface BirthParts {
  readonly self: NodeName;
  readonly founder: Founder;
  /** N of `--expect`; undefined for a node that only joins. */
  readonly expect: number | undefined;
  /** Nobody said that it founds a cluster alone: it was given no flag either way. */
  readonly byDefault: boolean;
  readonly clock: Clock;
  readonly replication: number;
  readonly vote: FoundingSet | undefined;
  readonly log: Log;
  /** Resolves when it is durable. */
  readonly write: (what: Pick<Remembered, 'vote' | 'cluster'>) => Promise<void>;
  /** Marks every partition recovering; resolves when that is durable. */
  readonly markLost: () => Promise<void>;
  /** The vote is durable and may be shown. */
  readonly onVoted: () => void;
  /** The cluster is known and durable. Called at most once. */
  readonly onCluster: (cluster: Cluster) => void;
  /** Something could not be written down. Nothing is done after it. */
  readonly onFailed: (cause: unknown) => void;
}

/**
 * How long a node without flags listens before it founds a cluster alone: three greetings of whoever knows
 * its address. 1. n1 loses its disk;
 * 2. a tired operator starts it with its name and address only; 3. it would found a cluster of one, and
 * acknowledge what no other node has. Its old cluster greets it before, and it takes its place.
 */
const LISTEN_MS = 1_500;

export class Birth {
  readonly #parts: BirthParts;
  readonly #founders: Founders;
  /** A born cluster that names this node. */
  #shown: Cluster | undefined;
  /** A born cluster at a `--join` address that does not. */
  #closedTo: Cluster | undefined;
  /** What is wrong with a cluster met otherwise. */
  #remark: string | undefined;
  #state: 'not started' | 'waiting' | 'acting' | 'over' = 'not started';
  /** Runs while it listens before founding alone. */
  #listening: Timer | undefined;
  /** Something was heard that no evaluation has seen. */
  #heardMore = false;

  constructor(parts: BirthParts) {
    this.#parts = parts;
    this.#founders = new Founders({ self: parts.founder, expect: parts.expect, vote: parts.vote });
  }

  get vote(): FoundingSet | undefined {
    return this.#founders.vote;
  }

  /** How many shall found the cluster; undefined for a node that only joins. */
  get expect(): number | undefined {
    return this.#founders.expect;
  }

  /** The founders this node has met, itself included; none when it founds nothing. Sorted by name. */
  met(): readonly Founder[] {
    return this.expect !== undefined && this.#closedTo === undefined && this.#state !== 'over'
      ? this.#founders.met()
      : [];
  }

  /** Who or what this node waits for, one sentence each. */
  get awaited(): readonly string[] {
    const remarks = this.#remark === undefined ? [] : [this.#remark];
    return [...this.#awaited(), ...remarks];
  }

  #awaited(): readonly string[] {
    const { self } = this.#parts;
    if (this.#shown !== undefined) return [`its own disk, to write down cluster ${this.#shown.id}`];
    if (this.#closedTo !== undefined)
      return [
        `a place in cluster ${this.#closedTo.id}, which was born without ${self}; its members are fixed`,
      ];
    if (this.#listening !== undefined)
      return ['a word from a cluster that may count this node as its member'];
    const step = this.#founders.step();
    if (step === undefined) return ['the birth of the cluster'];
    return step.kind === 'wait' ? step.awaited : ['its own disk, to write down the founding set'];
  }

  start(): void {
    if (this.#state !== 'not started') return;
    this.#state = 'waiting';
    if (this.#parts.byDefault && this.vote === undefined) this.#listen();
    void this.#evaluate();
  }

  #listen(): void {
    this.#listening = this.#parts.clock.after(LISTEN_MS, () => {
      this.#listening = undefined;
      void this.#evaluate();
    });
  }

  stop(): void {
    this.#listening?.cancel();
    this.#state = 'over';
  }

  /** Another node of the same cluster-to-be, or of a born one that has a place for this node, speaks. */
  learn(greeting: Greeting): void {
    this.#founders.learn(greeting);
    this.#shown ??= greeting.cluster;
    void this.#evaluate();
  }

  /** A cluster was named whose ring is still to come: whoever listens before it founds alone listens on. */
  listenOn(): void {
    if (this.#listening === undefined) return;
    this.#listening.cancel();
    this.#listen();
  }

  /**
   * A `--join` address answers for a cluster that has no place for this node: then it founds nothing either.
   */
  closedTo(cluster: Cluster): void {
    this.#closedTo = cluster;
  }

  /** Somebody was not listened to, and the operator should know why. */
  remark(text: string): void {
    this.#remark = text;
  }

  /**
   * The one place that acts. Never two at once; what was heard meanwhile is looked at again. Never rejects.
   */
  async #evaluate(): Promise<void> {
    this.#heardMore = true;
    if (this.#state !== 'waiting') return;
    this.#state = 'acting';
    try {
      while (this.#heardMore && this.#isActing()) {
        this.#heardMore = false;
        await this.#step();
      }
      if (this.#isActing()) this.#state = 'waiting';
    } catch (cause) {
      this.#state = 'over';
      this.#parts.onFailed(cause);
    }
  }

  /** A call, because the state changes under what awaits. */
  #isActing(): boolean {
    return this.#state === 'acting';
  }

  async #step(): Promise<void> {
    if (this.#shown !== undefined) await this.#takePlace(this.#shown);
    else if (this.#closedTo === undefined && this.#listening === undefined) await this.#found();
  }

  async #found(): Promise<void> {
    const step = this.#founders.step();
    if (step?.kind === 'vote') await this.#writeVote(step.set);
    if (step?.kind === 'found') await this.#become(this.#born(step.set));
  }

  async #writeVote(set: FoundingSet): Promise<void> {
    await this.#parts.write({ vote: set, cluster: undefined });
    this.#founders.voted(set);
    this.#heardMore = true;
    this.#parts.onVoted();
  }

  #born(set: FoundingSet): Cluster {
    const members = set.map(({ name, zone, weight }) => ({ name, zone, weight }));
    const { replication } = this.#parts;
    return { id: clusterIdOf(set), ring: ring({ members, partitions: PARTITIONS, replication, epoch: 1 }) };
  }

  async #takePlace(cluster: Cluster): Promise<void> {
    if (this.vote === undefined) {
      this.#parts.log.warn(
        'the cluster knows this node, but its disk does not know the cluster: recovering',
        { cluster: cluster.id },
      );
      await this.#parts.markLost();
    }
    await this.#become(cluster);
  }

  async #become(cluster: Cluster): Promise<void> {
    await this.#parts.write({ vote: this.vote, cluster });
    if (!this.#isActing()) return;
    this.#state = 'over';
    this.#parts.onCluster(cluster);
  }
}
