/**
 * `make sim-mutants`: each known bug is put into the code and must be caught within its budget of seeds, or the silence of the
 * simulator proves nothing (TRAPS §3, 9). The seeds are 1, 2, 3 …, the same for ever. A catch counts only if the code without the mutant
 * passes that very seed, with the very plan.
 */
import { MUTANTS } from '../mutants/all.ts';
import type { Mutant } from '../mutants/mutate.ts';
import { Progress, type Screen } from './progress.ts';
import type { Settings } from './settings.ts';
import { mutantOf } from './simulator.ts';
import { type Answer, WorkerProcess } from './worker-process.ts';

export interface HuntResult {
  readonly caught: number;
  readonly survived: number;
}

export async function hunt(settings: Settings, screen: Screen): Promise<HuntResult> {
  return await new Hunt(settings, screen).run();
}

/** How it ended for one mutant. */
type End =
  | { readonly kind: 'caught'; readonly seed: number; readonly by: string; readonly unexpected: boolean }
  | { readonly kind: 'survived' | 'failed'; readonly why: string };

class Hunt {
  readonly #settings: Settings;
  readonly #progress: Progress;
  /** The numbers of those that are still to be hunted. */
  readonly #numbers: number[];
  /** By seed and plan: whether the code as it is passes. */
  readonly #sound = new Map<string, Promise<Answer>>();
  readonly #atLarge: string[] = [];
  #caught = 0;

  constructor(settings: Settings, screen: Screen) {
    const { mutant } = settings;
    this.#settings = settings;
    this.#progress = new Progress(screen);
    if (mutant !== undefined) mutantOf(mutant);
    this.#numbers = mutant === undefined ? MUTANTS.map((_, i) => i + 1) : [mutant];
  }

  async run(): Promise<HuntResult> {
    const { workers } = this.#settings;
    this.#progress.print(
      `hunting ${this.#numbers.length} of ${MUTANTS.length} mutants in ${workers} processes\n`,
    );
    await Promise.all(Array.from({ length: workers }, () => this.#huntOn()));
    const survived = this.#atLarge.length;
    this.#progress.print(`\n${this.#caught} mutants caught, ${survived} not`);
    for (const name of this.#atLarge) this.#progress.print(`  NOT CAUGHT: ${name}`);
    return { caught: this.#caught, survived };
  }

  async #huntOn(): Promise<void> {
    const withoutMutant = await WorkerProcess.start({});
    try {
      await this.#huntEach(withoutMutant);
    } finally {
      withoutMutant.end();
    }
  }

  async #huntEach(withoutMutant: WorkerProcess): Promise<void> {
    for (let number = this.#numbers.shift(); number !== undefined; number = this.#numbers.shift()) {
      const began = performance.now();
      const end = await this.#huntOne(number, withoutMutant);
      if (end.kind === 'caught') this.#caught += 1;
      else this.#atLarge.push(`${number}. ${mutantOf(number).name} (${end.why})`);
      this.#progress.print(
        huntLine({ number, mutant: mutantOf(number), end, ms: performance.now() - began }),
      );
    }
  }

  async #huntOne(number: number, withoutMutant: WorkerProcess): Promise<End> {
    const mutant = mutantOf(number);
    const worker = await WorkerProcess.start({ mutant: number }).catch(error => String(error));
    if (typeof worker === 'string') return { kind: 'failed', why: worker };
    try {
      for (let seed = 1; seed <= mutant.seeds; seed++) {
        const answer = await worker.run({ seed, twice: false, explain: false });
        if (answer.kind === 'held') continue;
        return ended({
          mutant,
          seed,
          answer,
          without: await this.#soundness({ number, seed }, withoutMutant),
        });
      }
      return { kind: 'survived', why: `not in ${mutant.seeds} seeds` };
    } finally {
      worker.end();
    }
  }

  /** Asked once for each seed, but for mutants that have plans of their own. */
  #soundness(
    { number, seed }: { number: number; seed: number },
    withoutMutant: WorkerProcess,
  ): Promise<Answer> {
    const aim = mutantOf(number).plan === undefined ? undefined : number;
    const of = `${seed} ${aim ?? ''}`;
    const known = this.#sound.get(of) ?? withoutMutant.run({ seed, aim, twice: false, explain: false });
    this.#sound.set(of, known);
    return known;
  }
}

interface Judged {
  readonly mutant: Mutant;
  readonly seed: number;
  readonly answer: Exclude<Answer, { kind: 'held' }>;
  /** What the code as it is makes of that seed. */
  readonly without: Answer;
}

function ended({ mutant: { invariants }, seed, answer, without }: Judged): End {
  if (without.kind !== 'held') return { kind: 'failed', why: `seed ${seed} fails without it, too` };
  const by = answer.kind === 'failed' ? answer.invariant : 'crash';
  return { kind: 'caught', seed, by, unexpected: invariants?.every(name => name !== by) ?? false };
}

export interface HuntLine {
  readonly number: number;
  readonly mutant: Mutant;
  readonly end: End;
  readonly ms: number;
}

/** `   7  caught    seed   3  I4      2.1 s  an apply is acknowledged before …` */
export function huntLine({ number, mutant, end, ms }: HuntLine): string {
  const caught =
    end.kind === 'caught' ? `seed ${String(end.seed).padStart(3)}  ${end.by.padEnd(5)}` : ''.padEnd(15);
  const columns = [
    String(number).padStart(4),
    (end.kind === 'caught' ? 'caught' : end.kind.toUpperCase()).padEnd(8),
    caught,
    `${(ms / 1000).toFixed(1).padStart(6)} s`,
    mutant.name,
  ];
  const expected =
    end.kind === 'caught' && end.unexpected ? [`(expected: ${mutant.invariants?.join(', ')})`] : [];
  const why = end.kind === 'caught' ? [] : [`(${end.why})`];
  return [...columns, ...expected, ...why].join('  ');
}
