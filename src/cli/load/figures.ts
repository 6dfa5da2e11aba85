/**
 * What a run of load has found out, as plain data: the page, the JSON and the bench are all made from this.
 */
import type { Kind } from './mix.ts';

export interface Figures {
  /** The same seed draws the same kinds and keys in the same order. */
  readonly seed: number;
  readonly endedBy: Ending;
  /** Of the measured part; warm-up and what was still under way at its end are not in it. */
  readonly seconds: number;
  /** Operations that ended well within the measured part, by second and in all. */
  readonly operationsPerSecond: number;
  readonly throughput: readonly number[];
  /**
   * Of operations that began in the measured part and ended well, however late; kinds that did not occur are
   * left out.
   */
  readonly kinds: Readonly<Partial<Record<Kind, Latency>>>;
  readonly all: Latency;
  /** How long it took until the others failed, and why they did, by reason. */
  readonly failed: Latency;
  readonly errors: Readonly<Record<string, number>>;
  /** Reads that found nothing, and the most values that any reply showed side by side. */
  readonly absent: number;
  readonly siblingsMax: number;
  readonly openLoop: OpenLoop | undefined;
  readonly preload: Preload | undefined;
  readonly check: Check | undefined;
  /** This process first. Empty where the system does not tell. */
  readonly processes: readonly ProcessFigures[];
}

export type Ending = 'time' | 'operations' | 'told to';

/** Milliseconds, but for the count; all 0 when nothing was counted. */
export interface Latency {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly p9999: number;
  readonly max: number;
  /** The whole distribution in the text form of HdrHistogram, where it was asked for. */
  readonly distribution?: string;
}

export interface OpenLoop {
  /** Operations per second that were to arrive. */
  readonly rate: number;
  /** Arrivals that found as many operations under way as may be, and were given up. */
  readonly notStarted: number;
  /**
   * From the intended start to the real one: what this process itself was late. It is part of the latencies.
   */
  readonly lateness: Latency;
}

export interface Preload {
  readonly records: number;
  readonly seconds: number;
  readonly errors: Readonly<Record<string, number>>;
}

/** What became of the acknowledged writes of this run. */
export interface Check {
  readonly keys: number;
  /** Acknowledged writes that had to be there, because nothing of ours has written over them. */
  readonly writes: number;
  readonly lost: readonly LostWrite[];
  /** Not there, but acknowledged with the help of a stand-in, which strict reads do not ask. */
  readonly withStandIns: number;
  /** Keys of which an overwrite of unknown outcome leaves open what must be there. */
  readonly undecided: number;
  /** Keys that could not be read, by reason. */
  readonly unread: Readonly<Record<string, number>>;
}

export interface LostWrite {
  readonly key: string;
  /** What must be there and is not. */
  readonly write: string;
  /** What is there instead. */
  readonly found: readonly string[];
}

export interface ProcessFigures {
  /** `load` for this process, else its id. */
  readonly name: string;
  /** User and system time, all threads, over the measured part. */
  readonly cpuSeconds: number;
  readonly cpuMicrosPerOperation: number;
  /** At the end; 0 where the system does not tell. */
  readonly residentBytes: number;
}
