/**
 * How far a repair is that somebody waits for, as one status of its node after the other shows it. What was
 * brought counts from when two nodes last agreed until they do so again, and with it what a refill of the
 * node brings meanwhile. Pure: the time is handed in.
 */
import type { ClusterStatus, RepairWith } from '../../client/index.ts';
import { type Amounts, added, Brought } from './brought.ts';
import { type HoldUp, holdUps } from './hold-ups.ts';

/** The rate is that of the last moments: one pair brings all at once, another waits for clients. */
const RATE_MS = 2_000;

/** Of one other node. */
interface Known {
  readonly brought: Brought;
  /** Of the partitions that were left the most at a time. */
  most: number;
}

export class RepairCourse {
  readonly #asked: number;
  readonly #began: number;
  readonly #known = new Map<string, Known>();
  readonly #refill = new Brought();
  #status: ClusterStatus | undefined;
  #peers: ReadonlyMap<string, ClusterStatus> = new Map();
  #mostRecovering = 0;
  #samples: readonly { readonly at: number; readonly records: number }[] = [];
  #now: number;

  /** @param asked the number of the request */
  constructor(asked: number, now: number) {
    this.#asked = asked;
    this.#began = now;
    this.#now = now;
  }

  saw(status: ClusterStatus, now: number): void {
    const { recoveringPartitions, refill, repair } = status;
    this.#status = status;
    this.#now = now;
    this.#mostRecovering = Math.max(this.#mostRecovering, recoveringPartitions);
    this.#refill.saw({ ...refill, isUnderWay: this.#mostRecovering > 0, isSettled: false });
    for (const other of repair.with) this.#note(other);
    const recent = this.#samples.filter(({ at }) => now - at <= RATE_MS);
    this.#samples = [...recent, { at: now, records: this.records }];
  }

  /** What others say of themselves. */
  heard(peers: readonly ClusterStatus[]): void {
    this.#peers = new Map(peers.map(peer => [peer.node, peer]));
  }

  /** Of the node; undefined before anything was seen. */
  get status(): ClusterStatus | undefined {
    return this.#status;
  }

  /** The node and all others agree, and each partition it holds has been merged with all its owners. */
  get done(): boolean {
    const { repair, recoveringPartitions } = this.#status ?? {};
    return repair !== undefined && repair.agreed >= this.#asked && recoveringPartitions === 0;
  }

  /** Why those do not agree with the node yet that do not. */
  get holdUps(): readonly HoldUp[] {
    const status = this.#status;
    return status === undefined ? [] : holdUps({ status, awaited: this.#awaited, peers: this.#peers });
  }

  get recovering(): number {
    return this.#status?.recoveringPartitions ?? 0;
  }

  /** Partitions that have been merged with all their owners since. */
  get recovered(): number {
    return this.#mostRecovering - this.recovering;
  }

  /** In [0, 1]; undefined while nothing is known to differ. */
  get share(): number | undefined {
    const most = sum([...this.#known.values()].map(known => known.most)) + this.#mostRecovering;
    const left = sum(this.#awaited.map(other => other.partitionsLeft)) + this.recovering;
    return most === 0 ? undefined : 1 - left / most;
  }

  get records(): number {
    return this.#brought.records;
  }

  get bytes(): number {
    return this.#brought.bytes;
  }

  get recordsPerSecond(): number {
    const [first] = this.#samples;
    if (first === undefined || first.at === this.#now) return 0;
    return ((this.records - first.records) * 1_000) / (this.#now - first.at);
  }

  /** Undefined while nobody can tell, or while somebody is down. */
  get leftMs(): number | undefined {
    if (this.#awaited.some(({ up }) => !up)) return undefined;
    // Nothing is compared before that is done, and hardly anything differs then.
    if (this.recovering > 0) return this.#status?.refill.leftMs;
    const times = this.#awaited.map(({ leftMs }) => leftMs);
    return times.length === 0 ? undefined : times.reduce(longer);
  }

  get tookMs(): number {
    return this.#now - this.#began;
  }

  get #awaited(): readonly RepairWith[] {
    return (this.#status?.repair.with ?? []).filter(({ agreedFor }) => agreedFor < this.#asked);
  }

  get #brought(): Amounts {
    const known = [...this.#known.values()].map(({ brought }) => brought.all);
    return known.reduce(added, this.#refill.all);
  }

  #note({ node, records, bytes, partitionsLeft, tookMs, agreedFor }: RepairWith): void {
    const known = this.#known.get(node) ?? { brought: new Brought(), most: 0 };
    this.#known.set(node, known);
    const isSettled = agreedFor >= this.#asked;
    known.brought.saw({ records, bytes, isUnderWay: tookMs > 0, isSettled });
    if (!isSettled) known.most = Math.max(known.most, partitionsLeft);
  }
}

/** What takes an unknown time may take longer than all others. */
function longer(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(a, b);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
