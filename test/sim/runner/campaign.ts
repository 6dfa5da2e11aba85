/**
 * `make sim`: seeds in as many processes as there are cores, for as long or as many as wanted. The first
 * failure, once cut down and told, ends it, unless it is to go on; figures are told in any case. What was
 * never tried has not held.
 */
import type { Invariant } from '../oracle.ts';
import { neverReached } from './corners.ts';
import { type Crew, Steady } from './crew.ts';
import { counted, figuresTable, NO_TOTALS, type Totals, withRun } from './figures.ts';
import { Progress, progressLine, type Screen } from './progress.ts';
import { type Code, failurePage, replayCommand } from './report.ts';
import { type Commit, nameOf, seedsOf } from './seeds.ts';
import type { Settings } from './settings.ts';
import { mutantOf } from './simulator.ts';
import type { Answer } from './worker-process.ts';

/** One seed in so many is run twice, and each worker's first (I13). */
const TWICE_IN = 50;
const LOOK_MS = 200;

interface Parts {
  readonly commit: Commit;
  readonly screen: Screen;
  readonly crew: Crew;
  /** By a Ctrl-C: what is known so far is told before all ends. */
  readonly interrupted: AbortSignal;
}

/** Whether all held. Rejects when a worker cannot begin. */
export async function runCampaign(settings: Settings, parts: Parts): Promise<boolean> {
  return await new Campaign(settings, parts).run();
}

class Campaign {
  readonly #settings: Settings;
  readonly #code: Code;
  readonly #crew: Crew;
  readonly #progress: Progress;
  readonly #seeds: Iterator<number>;
  readonly #began = performance.now();
  #begun = 0;
  #totals = NO_TOTALS;

  constructor(settings: Settings, { commit, screen, crew, interrupted }: Parts) {
    const { mutant } = settings;
    this.#settings = settings;
    this.#code = { name: nameOf(commit) + mutantIn(mutant), mutant };
    this.#crew = crew;
    this.#progress = new Progress(screen);
    this.#seeds = seedsOf(commit);
    interrupted.addEventListener('abort', () => this.#tellFigures());
  }

  async run(): Promise<boolean> {
    const { workers } = this.#settings;
    this.#progress.print(
      `simulating commit ${this.#code.name} in ${counted(workers, 'process', 'processes')}`,
    );
    const looking = setInterval(() => this.#tell(), LOOK_MS);
    try {
      await Promise.all(Array.from({ length: workers }, () => this.#work()));
    } finally {
      clearInterval(looking);
      this.#crew.end();
    }
    return this.#sumUp();
  }

  #sumUp(): boolean {
    const missed = missedBy(this.#totals, this.#settings);
    this.#tellFigures();
    for (const corner of missed) this.#progress.print(`  NEVER REACHED: ${corner}`);
    return this.#totals.failures === 0 && missed.length === 0;
  }

  #tellFigures(): void {
    this.#progress.print(`\n${figuresTable(this.#totals, this.#wallMs)}`);
  }

  async #work(): Promise<void> {
    const worker = new Steady(() => this.#crew.start(this.#settings));
    for (let i = 0; this.#goesOn; i++) {
      const seed = this.#next();
      const order = { seed, twice: i % TWICE_IN === 0, explain: true };
      const onBroken = (invariant: Invariant) =>
        this.#progress.print(`seed ${seed} breaks ${invariant}; cutting it down …`);
      this.#count(seed, await worker.run(order, onBroken));
    }
    worker.end();
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
      figures: 'figures' in answer ? answer.figures : undefined,
    });
    // Two may fail before either is told; the second is then no more than one more page to read.
    if (failed && (first || this.#settings.goesOn)) this.#progress.print(this.#page(seed, answer));
    this.#tell();
  }

  #page(seed: number, answer: Exclude<Answer, { kind: 'held' }>): string {
    if (answer.kind === 'failed' && answer.finding) return failurePage(answer.finding, this.#code);
    const { mutant } = this.#code;
    return `seed ${seed} ${answer.kind}: ${answer.text}\n  replay   ${replayCommand({ seed, mutant })}`;
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

function mutantIn(mutant: number | undefined): string {
  return mutant === undefined ? '' : `, with mutant ${mutant} in it (${mutantOf(mutant).name})`;
}

/** A mutant is no campaign: its plans are aimed, and go elsewhere. */
function missedBy(totals: Totals, { mutant }: Settings): readonly string[] {
  return mutant === undefined ? neverReached(totals) : [];
}
