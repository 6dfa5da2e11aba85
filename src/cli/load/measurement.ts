/**
 * What is counted of operations, in a stretch of time. An operation's latency counts if it began within,
 * however late it ends: to leave out those still under way at the end would leave out the slowest. The
 * throughput counts what ended within.
 */
import type { Latency } from './figures.ts';
import { Latencies } from './latencies.ts';
import { KINDS, type Kind } from './mix.ts';

const MS_PER_SECOND = 1_000;
/** The difference of two times may fall short of a whole second by a hair; that second counts. */
const ROUNDING = 1e-6;

export interface Stretch {
  /** Milliseconds; so are all times here, on one clock. */
  readonly from: number;
  /** May be Infinity, until it is closed. */
  readonly until: number;
}

export interface Times {
  readonly began: number;
  readonly now: number;
}

/** How it is going, for the line of each second: operations and their latencies since the last such line. */
export interface State {
  readonly operations: number;
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
  readonly underWay: number;
}

export interface Measured {
  readonly seconds: number;
  readonly operationsPerSecond: number;
  readonly throughput: readonly number[];
  readonly kinds: Readonly<Partial<Record<Kind, Latency>>>;
  readonly all: Latency;
  readonly failed: Latency;
  readonly errors: Readonly<Record<string, number>>;
  readonly absent: number;
  readonly siblingsMax: number;
}

export class Measurement {
  /** That ended well within the stretch. */
  endedWithin = 0;
  readonly #from: number;
  #until: number;
  readonly #kinds = new Map<Kind, Latencies>();
  readonly #failed = new Latencies();
  readonly #lately = new Latencies();
  readonly #errors = new Map<string, number>();
  readonly #throughput: number[] = [];
  #underWay = 0;
  #absent = 0;
  #siblingsMax = 0;

  constructor({ from, until }: Stretch) {
    this.#from = from;
    this.#until = until;
    for (const kind of KINDS) this.#kinds.set(kind, new Latencies());
  }

  /** Ends the stretch earlier than it was to. */
  close(now: number): void {
    this.#until = Math.min(this.#until, now);
  }

  began(): void {
    this.#underWay += 1;
  }

  ended(kind: Kind, { began, now }: Times): void {
    this.#underWay -= 1;
    this.#lately.record(now - began);
    if (began >= this.#from) this.#kinds.get(kind)!.record(now - began);
    if (now < this.#from || now >= this.#until) return;
    this.endedWithin += 1;
    const second = Math.floor((now - this.#from) / MS_PER_SECOND);
    while (this.#throughput.length <= second) this.#throughput.push(0);
    this.#throughput[second]! += 1;
  }

  failed(reason: string, { began, now }: Times): void {
    this.#underWay -= 1;
    if (began < this.#from) return;
    this.#failed.record(now - began);
    this.#errors.set(reason, (this.#errors.get(reason) ?? 0) + 1);
  }

  /** So many values, in one reply. */
  showed(siblings: number): void {
    if (siblings > this.#siblingsMax) this.#siblingsMax = siblings;
  }

  foundNothing(): void {
    this.#absent += 1;
  }

  /** To be asked by one asker only. */
  state(): State {
    const lately = this.#lately;
    const [p50, p99] = [lately.percentile(50), lately.percentile(99)];
    const state = {
      operations: lately.count,
      p50,
      p99,
      errors: this.#failed.count,
      underWay: this.#underWay,
    };
    lately.reset();
    return state;
  }

  /** Once it is closed and nothing is under way. */
  figures({ distributions: distribution }: { readonly distributions: boolean }): Measured {
    const present = [...this.#kinds].filter(([, { count }]) => count > 0);
    const all = new Latencies();
    for (const [, latencies] of present) all.add(latencies);
    const seconds = Math.max(0, this.#until - this.#from) / MS_PER_SECOND;
    const kinds = present.map(([kind, latencies]) => [kind, latencies.figures({ distribution })] as const);
    return {
      seconds,
      operationsPerSecond: seconds === 0 ? 0 : this.endedWithin / seconds,
      throughput: this.#throughput.slice(0, Math.floor(seconds + ROUNDING)),
      kinds: Object.fromEntries(kinds),
      all: all.figures({ distribution }),
      failed: this.#failed.figures({ distribution: false }),
      errors: Object.fromEntries(this.#errors),
      absent: this.#absent,
      siblingsMax: this.#siblingsMax,
    };
  }
}
