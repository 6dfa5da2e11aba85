/** What the runner is told from outside: variables of the environment, which is where `make sim SEED=1` puts them. */
import { availableParallelism } from 'node:os';

export interface Settings {
  /** This one only, with its log. */
  readonly seed: number | undefined;
  /** So many; undefined: as many as there is time for. */
  readonly seeds: number | undefined;
  /** Wall seconds; undefined: no limit. */
  readonly seconds: number | undefined;
  /** How many processes. */
  readonly workers: number;
  /** A failure does not end the run. */
  readonly goesOn: boolean;
  /** The number of the mutant to hunt, or to put into the code that is simulated. */
  readonly mutant: number | undefined;
  /** Where to leave the count of passed and failed, for .ci/run. */
  readonly report: string | undefined;
}

const SECONDS_DEFAULT = 600;

/** @throws Error, in words for whoever typed it */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const count = (name: string) => wholeNumber(name, environment[name]);
  const seeds = count('SEEDS');
  return {
    seed: count('SEED'),
    seeds,
    seconds: count('SECONDS') ?? (seeds === undefined ? SECONDS_DEFAULT : undefined),
    workers: Math.max(1, count('WORKERS') ?? availableParallelism()),
    goesOn: count('CONTINUE') === 1,
    mutant: count('MUTANT'),
    report: environment.REPORT || undefined,
  };
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new Error(`${name} is a whole number, not '${text}'`);
  return Number(text);
}
