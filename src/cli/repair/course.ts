/**
 * How far a repair is that somebody waits for, as one status of its node after the other shows it. What was
 * brought counts from when two nodes last agreed until they do so again. Pure: the time is handed in.
 */
import type { ClusterStatus, RepairWith } from '../../client/index.ts';

/** The rate is that of the last moments: one pair brings all at once, another waits for clients. */
const RATE_MS = 2_000;

interface Amounts {
  readonly records: number;
  readonly bytes: number;
}

/** Of one other node. */
interface Known {
  /** As it told last. */
  readonly told: Amounts;
  /** What it had told before it began to count anew. */
  readonly before: Amounts;
  /** Of the partitions that were left the most at a time. */
  readonly most: number;
  readonly settled: boolean;
}

const NONE: Amounts = { records: 0, bytes: 0 };
const UNKNOWN: Known = { told: NONE, before: NONE, most: 0, settled: false };

export class RepairCourse {
  readonly #asked: number;
  readonly #began: number;
  readonly #known = new Map<string, Known>();
  #status: ClusterStatus | undefined;
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
    this.#status = status;
    this.#now = now;
    this.#mostRecovering = Math.max(this.#mostRecovering, status.recoveringPartitions);
    for (const other of status.repair.with) this.#known.set(other.node, this.#after(other));
    const recent = this.#samples.filter(({ at }) => now - at <= RATE_MS);
    this.#samples = [...recent, { at: now, records: this.records }];
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

  /** Those that do not agree with the node yet. */
  get awaited(): readonly RepairWith[] {
    return (this.#status?.repair.with ?? []).filter(({ agreedFor }) => agreedFor < this.#asked);
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
    const left = sum(this.awaited.map(other => other.partitionsLeft)) + this.recovering;
    return most === 0 ? undefined : 1 - left / most;
  }

  get records(): number {
    return sum([...this.#known.values()].map(({ told, before }) => told.records + before.records));
  }

  get bytes(): number {
    return sum([...this.#known.values()].map(({ told, before }) => told.bytes + before.bytes));
  }

  get recordsPerSecond(): number {
    const [first] = this.#samples;
    if (first === undefined || first.at === this.#now) return 0;
    return ((this.records - first.records) * 1_000) / (this.#now - first.at);
  }

  /** Undefined while nobody can tell, or while somebody is down. */
  get leftMs(): number | undefined {
    const times = this.awaited.map(({ up, leftMs }) => (up ? leftMs : undefined));
    return times.length === 0 ? undefined : times.reduce(longer);
  }

  get tookMs(): number {
    return this.#now - this.#began;
  }

  #after({ node, records, bytes, partitionsLeft, tookMs, agreedFor }: RepairWith): Known {
    const known = this.#known.get(node) ?? UNKNOWN;
    const settled = agreedFor >= this.#asked;
    // What it tells while nothing is under way was brought before this request.
    if (known.settled || (tookMs === 0 && !settled)) return known;
    const { told, before } = known;
    return {
      told: { records, bytes },
      before: records < told.records ? added(before, told) : before,
      most: Math.max(known.most, partitionsLeft),
      settled,
    };
  }
}

function added(a: Amounts, b: Amounts): Amounts {
  return { records: a.records + b.records, bytes: a.bytes + b.bytes };
}

/** What takes an unknown time may take longer than all others. */
function longer(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(a, b);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
