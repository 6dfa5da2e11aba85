/**
 * What a run is told to do, and what it needs from outside. Nothing here is checked: the flags are
 * (../load-flags.ts).
 */
import type { Clock } from '../../ports/clock.ts';
import type { CpuReading } from './cpu.ts';
import type { Workload } from './mix.ts';
import type { Progress } from './progress.ts';

export interface LoadOptions extends Workload {
  /** Keys that are there, or are put there by `preload`; those that are inserted come on top. At least 1. */
  readonly keys: number;
  /** Bytes of each value, {@link VALUE_BYTES_MIN} (values.ts) or more. */
  readonly valueBytes: number;
  /** Operations under way at once: exactly so many in a closed loop, at most so many in an open one. */
  readonly inFlight: number;
  /**
   * Operations per second at which they arrive whatever becomes of them (open loop); undefined for a closed
   * loop.
   */
  readonly rate: number | undefined;
  /** Not measured, before the rest; milliseconds. */
  readonly warmUpMs: number;
  /**
   * The measured part ends after so long, or after so many operations, whatever comes first. Infinity for
   * either.
   */
  readonly measuredMs: number;
  readonly operations: number;
  /** Updates stand beside what is there. Otherwise they write over what was last seen of the key. */
  readonly blind: boolean;
  /** Keys of which the last context is remembered; an update of another one writes over whatever is there. */
  readonly contextsMax: number;
  /** Whether all keys are written first. */
  readonly preload: boolean;
  /** Whether every acknowledged write is read back at the end. Remembers every key that was written. */
  readonly check: boolean;
  /** Whether the figures bring whole distributions along. */
  readonly distributions: boolean;
  /** Any 32-bit integer. */
  readonly seed: number;
}

export interface Surroundings {
  /** Its timers must keep the process alive. */
  readonly clock: Clock;
  /** Different for every run whatever its seed, 0 … 2^53−1: tells this run's values from those of others. */
  readonly run: number;
  /** Of this process and of nodes on this machine; called as the measured part begins and ends. */
  cpu(): readonly CpuReading[];
  /** Called each second. */
  progress(state: Progress): void;
  /** Whether to end early. */
  readonly stop: { readonly told: boolean };
}
