/**
 * The processes of one section: an echo and who asks it, a cluster and who asks that. Stopped together, and
 * killed if the bench is.
 */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Profile } from './causes.ts';
import { atTheEnd } from './left-over.ts';
import type { ClusterRow, ClusterShape, EchoRow, LevelRow } from './rows.ts';
import { EchoServer, Worker } from './run/child.ts';
import type { Measured } from './run/measured.ts';
import { BenchCluster } from './shoal/bench-cluster.ts';
import { loadJob, preloadJob, type Times } from './shoal/load-jobs.ts';

/** First wide, then ever narrower. */
const PRELOAD_IN_FLIGHT = [64, 16, 4];
/** A profiler takes up to a second to begin. */
const PROFILED_MS = 3_000;
/** Until the profile is written. */
const SPARE_MS = 500;

export interface CrewOptions {
  readonly shape: ClusterShape | undefined;
  /** An empty one, for all that they write. */
  readonly folder: string;
}

export class Crew {
  readonly #folder: string;
  readonly #echo: EchoServer;
  readonly #cluster: BenchCluster | undefined;
  /** Those who ask are apart, so that neither is slower for what the other has taught the compiler. */
  readonly #echoAsker = new Worker();
  readonly #asker = new Worker();

  private constructor(folder: string, echo: EchoServer, cluster: BenchCluster | undefined) {
    this.#folder = folder;
    this.#echo = echo;
    this.#cluster = cluster;
  }

  static async start({ shape, folder }: CrewOptions): Promise<Crew> {
    const cluster = shape && (await BenchCluster.start(shape, folder));
    if (cluster) atTheEnd(() => cluster.signal('SIGKILL'));
    return new Crew(folder, await EchoServer.start(), cluster);
  }

  async end(): Promise<void> {
    await Promise.all([this.#echoAsker.end(), this.#asker.end(), this.#echo.end(), this.#cluster?.stop()]);
  }

  echo({ shape, inFlight }: EchoRow, times: Times): Promise<Measured> {
    const { port, pid } = this.#echo;
    const servers = [{ name: 'echo', pid }];
    return this.#echoAsker.measure({ kind: 'echo', shape, port, inFlight, servers, ...times });
  }

  async level({ what, inFlight }: LevelRow, times: Times): Promise<Measured> {
    const folder = await mkdtemp(join(this.#folder, 'level-'));
    return await this.#asker.measure({ kind: 'level', what, folder, inFlight, servers: [], ...times });
  }

  load(row: ClusterRow, times: Times): Promise<Measured> {
    return this.#asker.measure(loadJob(row, this.#running(), times));
  }

  /**
   * A cluster that refuses some of it, as a busy machine makes it do, is asked more gently. Rejects with the
   * last refusal.
   */
  async preload(
    row: ClusterRow,
    [inFlight, ...gentler]: readonly number[] = PRELOAD_IN_FLIGHT,
  ): Promise<void> {
    const job = preloadJob(row, this.#running(), inFlight!);
    await this.#asker.measure(job).catch((error: unknown) => {
      if (gentler.length === 0) throw error;
      return this.preload(row, gentler);
    });
  }

  /** Of the first node, while the row is under way. */
  async profile(row: ClusterRow, { warmUpMs }: Pick<Times, 'warmUpMs'>): Promise<Profile> {
    const load = this.load(row, { warmUpMs, measuredMs: PROFILED_MS + SPARE_MS });
    const [profile] = await Promise.all([
      this.#running().profile({ warmUpMs, measuredMs: PROFILED_MS }),
      load,
    ]);
    return profile;
  }

  #running(): BenchCluster {
    if (this.#cluster === undefined) throw new Error('this section has no cluster');
    return this.#cluster;
  }
}
