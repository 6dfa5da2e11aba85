/**
 * `make sim`: seeds in as many processes as there are cores, for as long or as many as wanted. The first failure, once cut down and told, ends
 * it, unless it is to go on; figures are told in any case.
 */
import { neverReached } from '../reached.ts';
import { figuresTable, NO_TOTALS, type Totals, withRun } from './figures.ts';
import { Progress, progressLine, type Screen } from './progress.ts';
import { failurePage, replayCommand } from './report.ts';
import { type Commit, nameOf, seedsOf } from './seeds.ts';
import type { Settings } from './settings.ts';
import { mutantOf } from './simulator.ts';
import { type Answer, WorkerProcess } from './worker-process.ts';

/** One seed in so many is run twice, and each worker's first (I13). */
const TWICE_IN = 50;
const LOOK_MS = 200;

/** Returns what it comes to. */
export async function runCampaign(
  settings: Settings,
  parts: { commit: Commit; screen: Screen },
): Promise<Totals> {
  return await new Campaign(settings, parts).run();
}

class Campaign {
  readonly #settings: Settings;
  /** For people, and what was put into it. */
  readonly #code: string;
  readonly #progress: Progress;
  readonly #seeds: Iterator<number>;
  readonly #began = performance.now();
  #begun = 0;
  #totals = NO_TOTALS;

  constructor(settings: Settings, { commit, screen }: { commit: Commit; screen: Screen }) {
    this.#settings = settings;
    this.#code = nameOf(commit) + mutantIn(settings);
    this.#progress = new Progress(screen);
    this.#seeds = seedsOf(commit);
  }

  async run(): Promise<Totals> {
    this.#progress.print(`simulating commit ${this.#code} in ${this.#settings.workers} processes`);
    const looking = setInterval(() => this.#tell(), LOOK_MS);
    try {
      await Promise.all(Array.from({ length: this.#settings.workers }, () => this.#work()));
    } finally {
      clearInterval(looking);
    }
    this.#progress.print(`\n${figuresTable(this.#totals, this.#wallMs)}`);
    for (const corner of neverReached(this.#totals)) this.#progress.print(`  NEVER REACHED: ${corner}`);
    return this.#totals;
  }

  /** One worker after the other, should one be lost. */
  async #work(): Promise<void> {
    for (let lost = true; lost && this.#goesOn; ) {
      const worker = await WorkerProcess.start(this.#settings);
      try {
        lost = await this.#useUp(worker);
      } finally {
        worker.end();
      }
    }
  }

  /** Gives it seeds until there are no more to be run, or it is lost; whether it was. */
  async #useUp(worker: WorkerProcess): Promise<boolean> {
    for (let i = 0; this.#goesOn; i++) {
      const seed = this.#next();
      const answer = await worker.run({ seed, twice: i % TWICE_IN === 0, explain: true });
      this.#count(seed, answer);
      if (answer.kind === 'crashed') return true;
    }
    return false;
  }

  get #goesOn(): boolean {
    const { goesOn, seeds = Number.POSITIVE_INFINITY } = this.#settings;
    if (this.#totals.failures > 0 && !goesOn) return false;
    return this.#begun < seeds && (this.#leftMs ?? 1) > 0;
  }

  #next(): number {
    this.#begun += 1;
    return this.#seeds.next().value;
  }

  #count(seed: number, answer: Answer): void {
    const failed = answer.kind !== 'held';
    const first = this.#totals.failures === 0;
    this.#totals = withRun(this.#totals, {
      failed,
      figures: answer.kind === 'crashed' ? undefined : answer.figures,
    });
    // Two may fail before either is told; the second is then no more than one more page to read.
    if (failed && (first || this.#settings.goesOn)) this.#progress.print(this.#page(seed, answer));
    this.#tell();
  }

  #page(seed: number, answer: Exclude<Answer, { kind: 'held' }>): string {
    if (answer.kind === 'failed' && answer.finding) return failurePage(answer.finding, this.#code);
    return `seed ${seed} failed: ${answer.text}\n  replay   ${replayCommand(seed)}`;
  }

  #tell(): void {
    const wallMs = this.#wallMs;
    const leftMs = this.#leftMs;
    this.#progress.tell(
      progressLine(this.#totals, { wallMs, ...(leftMs !== undefined && { leftMs }) }),
      wallMs,
    );
  }

  get #wallMs(): number {
    return performance.now() - this.#began;
  }

  get #leftMs(): number | undefined {
    const { seconds } = this.#settings;
    return seconds === undefined ? undefined : seconds * 1000 - this.#wallMs;
  }
}

function mutantIn({ mutant }: Settings): string {
  return mutant === undefined ? '' : `, with mutant ${mutant} in it (${mutantOf(mutant).name})`;
}
