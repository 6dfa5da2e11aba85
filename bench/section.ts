/**
 * Measures one section: rounds through its rows, each beside the gathered echo with as many in flight in the
 * same round; then takes a profile of each row that has missed an aim.
 */
import { verdicts } from './aims.ts';
import { type Cause, firstCauses } from './causes.ts';
import { Crew } from './crew.ts';
import { withFolder } from './left-over.ts';
import type { Section } from './plan.ts';
import type { Result, Results } from './results.ts';
import { asked, type ClusterRow, echo, type Row } from './rows.ts';
import type { Measured } from './run/measured.ts';
import { bucketOf } from './shoal/load-jobs.ts';

export interface Bench {
  readonly results: Results;
  readonly measuredMs: number;
  /** By the name of the row. */
  readonly causes: Map<string, readonly Cause[]>;
  /** What could not be measured, and why. */
  readonly failures: Map<string, string>;
  readonly onResult: (result: Result) => void;
}

/** A connection is made, and the compiler has seen what is to be fast. */
const WARM_UP_MS = 1_000;
const PEAK_IN_FLIGHT = 256;

export async function measureSection(section: Section, bench: Bench): Promise<void> {
  await withFolder(async folder => {
    const crew = await Crew.start({ shape: section.shape, folder });
    try {
      await preload(section, crew);
      for (let round = 0; round < section.rounds; round += 1) await new Round(bench, crew).run(section.rows);
      await profileMissed(section, bench, crew);
    } finally {
      await crew.end();
    }
  });
}

async function preload({ rows }: Section, crew: Crew): Promise<void> {
  const byBucket = new Map(rows.filter(isOfCluster).map(row => [bucketOf(row), row]));
  for (const row of byBucket.values()) await crew.preload(row);
}

class Round {
  readonly #bench: Bench;
  readonly #crew: Crew;
  /** Gathered echoes of this round, by how many are in flight. */
  readonly #echoes = new Map<number, Measured>();

  constructor(bench: Bench, crew: Crew) {
    this.#bench = bench;
    this.#crew = crew;
  }

  async run(rows: readonly Row[]): Promise<void> {
    for (const row of rows) {
      await this.#measure(row).catch((error: Error) => this.#bench.failures.set(row.name, error.message));
    }
  }

  async #measure(row: Row): Promise<void> {
    if (row.kind === 'level') return this.#note(row, await this.#crew.level(row, times(this.#bench)));
    const beside = await this.#gathered(row.inFlight);
    if (row.kind === 'cluster') return this.#note(row, await this.#load(row), beside);
    if (row.shape !== 'gathered') this.#note(row, await this.#crew.echo(row, times(this.#bench)), beside);
  }

  /** A row of its own, and what others are held against. */
  async #gathered(inFlight: number): Promise<Measured> {
    const known = this.#echoes.get(inFlight);
    if (known) return known;
    const row = echo('gathered', inFlight);
    const measured = await this.#crew.echo(row, times(this.#bench));
    this.#echoes.set(inFlight, measured);
    this.#note(row, measured, measured);
    return measured;
  }

  async #load(row: ClusterRow): Promise<Measured> {
    const rate = row.ofPeak === undefined ? undefined : row.ofPeak * (await this.#peakOf(row));
    return await this.#crew.load(row, { ...times(this.#bench), rate });
  }

  /** The most that closed loops like it have done. */
  async #peakOf({ shape, op, valueBytes }: ClusterRow): Promise<number> {
    const closed = asked(shape, PEAK_IN_FLIGHT, { op, valueBytes });
    const known = this.#bench.results.of(closed);
    return (known?.measured ?? (await this.#crew.load(closed, times(this.#bench)))).opsPerSecond;
  }

  #note(row: Row, measured: Measured, beside?: Measured): void {
    this.#bench.results.add(row, measured, beside);
    this.#bench.onResult(this.#bench.results.of(row)!);
  }
}

async function profileMissed({ rows }: Section, bench: Bench, crew: Crew): Promise<void> {
  const missed = verdicts(row => bench.results.of(row)).filter(({ reached }) => !reached);
  const names = new Set(missed.map(({ aim }) => aim.row.name));
  for (const row of rows.filter(isOfCluster).filter(({ name }) => names.has(name))) {
    if (row.ofPeak !== undefined) continue; // a tail is not where the time goes
    bench.causes.set(row.name, firstCauses(await crew.profile(row, times(bench))));
  }
}

function times({ measuredMs }: Bench) {
  return { warmUpMs: WARM_UP_MS, measuredMs };
}

function isOfCluster(row: Row): row is ClusterRow {
  return row.kind === 'cluster';
}
