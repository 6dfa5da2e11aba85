/**
 * `make sim-mutants`: each known bug is put into the code and must be caught within its budget of seeds, or
 * the silence of the simulator proves nothing (TRAPS §3, 9). The seeds are 1, 2, 3 …, the same for ever. A
 * catch counts only if the code without the mutant passes that very seed, with the very plan. To hang is no
 * catch: a slow machine does that, too.
 */
import { MUTANTS } from '../mutants/all.ts';
import type { Mutant } from '../mutants/mutate.ts';
import { type Crew, Steady } from './crew.ts';
import { counted } from './figures.ts';
import { type End, huntLine, judged } from './hunt-end.ts';
import { Progress, type Screen } from './progress.ts';
import { replayCommand } from './report.ts';
import type { Settings } from './settings.ts';
import { mutantOf } from './simulator.ts';
import type { Answer } from './worker-process.ts';

interface Parts {
  readonly screen: Screen;
  readonly crew: Crew;
}

export async function hunt(
  settings: Settings,
  parts: Parts,
): Promise<{ readonly caught: number; readonly survived: number }> {
  return await new Hunt(settings, parts).run();
}

class Hunt {
  readonly #settings: Settings;
  readonly #crew: Crew;
  readonly #progress: Progress;
  /** The numbers of those that are still to be hunted. */
  readonly #numbers: number[];
  /** By seed and plan: whether the code as it is passes. */
  readonly #sound = new Map<string, Promise<Answer>>();
  readonly #atLarge: string[] = [];
  #caught = 0;
  /** How one that was caught is seen. */
  #example: string | undefined;

  constructor(settings: Settings, { screen, crew }: Parts) {
    const { mutant } = settings;
    this.#settings = settings;
    this.#crew = crew;
    this.#progress = new Progress(screen);
    this.#numbers = mutant === undefined ? MUTANTS.map((_, i) => i + 1) : [mutant];
  }

  async run() {
    const { workers } = this.#settings;
    const hunted = `${this.#numbers.length} of ${counted(MUTANTS.length, 'mutant')}`;
    this.#progress.print(`hunting ${hunted} in ${counted(workers, 'process', 'processes')}\n`);
    try {
      await Promise.all(Array.from({ length: workers }, () => this.#huntOn()));
    } finally {
      this.#crew.end();
    }
    const survived = this.#atLarge.length;
    this.#progress.print(`\n${counted(this.#caught, 'mutant')} caught, ${survived} not`);
    if (this.#example) this.#progress.print(`  to see a catch: ${this.#example}`);
    for (const name of this.#atLarge) this.#progress.print(`  NOT CAUGHT: ${name}`);
    return { caught: this.#caught, survived };
  }

  async #huntOn(): Promise<void> {
    const withoutMutant = new Steady(() => this.#crew.start({}));
    for (let number = this.#numbers.shift(); number !== undefined; number = this.#numbers.shift()) {
      const began = performance.now();
      const end = await this.#huntOne(number, withoutMutant);
      this.#tell({ number, mutant: mutantOf(number), end, ms: performance.now() - began });
    }
    withoutMutant.end();
  }

  #tell(of: { number: number; mutant: Mutant; end: End; ms: number }): void {
    const { number, mutant, end } = of;
    if (end.kind === 'caught') {
      this.#caught += 1;
      this.#example ??= replayCommand({ seed: end.seed, mutant: number });
    } else this.#atLarge.push(`${number}. ${mutant.name} (${end.why})`);
    this.#progress.print(huntLine({ ...of, all: MUTANTS.length }));
  }

  async #huntOne(number: number, withoutMutant: Steady): Promise<End> {
    const mutant = mutantOf(number);
    const worker = await this.#crew.start({ mutant: number }).catch((error: Error) => error.message);
    if (typeof worker === 'string') return { kind: 'failed', why: worker };
    try {
      for (let seed = 1; seed <= mutant.seeds; seed++) {
        const answer = await worker.run({ seed, twice: false, explain: false });
        if (answer.kind === 'held') continue;
        const without = await this.#soundness({ number, seed }, withoutMutant);
        return judged({ mutant, seed, answer, without });
      }
      return { kind: 'survived', why: `not in ${counted(mutant.seeds, 'seed')}` };
    } finally {
      worker.end();
    }
  }

  /** Asked once for each seed, but for mutants that have plans of their own. */
  #soundness({ number, seed }: { number: number; seed: number }, withoutMutant: Steady): Promise<Answer> {
    const aim = mutantOf(number).plan === undefined ? undefined : number;
    const of = `${seed} ${aim ?? ''}`;
    const known = this.#sound.get(of) ?? withoutMutant.run({ seed, aim, twice: false, explain: false });
    this.#sound.set(of, known);
    return known;
  }
}
