/**
 * What the runner is told from outside: variables of the environment, which is where `make sim SEED=1` puts
 * them.
 */
import { availableParallelism } from 'node:os';
import { MUTANTS } from '../mutants/all.ts';

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

/** In words for whoever typed it. */
export class SettingsError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

const SECONDS_DEFAULT = 600;
/** A hunt has its own seeds, and budgets in place of time. */
const NOT_FOR_MUTANTS = ['SEED', 'SEEDS', 'SECONDS', 'CONTINUE'];
/** Of a larger seed only the last 32 bits would count. */
const LARGEST = 2 ** 32 - 1;
/** One seed has no others, and takes its time. */
const NOT_BESIDE_SEED = ['SEEDS', 'SECONDS'];
const YES = ['1', 'yes', 'true'];
const NO = ['0', 'no', 'false', ''];

/** @throws SettingsError */
export function readSettings(environment: Environment): Settings {
  const idle = NOT_BESIDE_SEED.filter(name => environment[name]);
  if (environment.SEED && idle.length > 0)
    throw new SettingsError(`SEED replays one seed: it does not go with ${idle.join(', ')}`);
  const count = (name: string, least = 1) => wholeNumber(name, { text: environment[name], least });
  const seeds = count('SEEDS');
  return {
    seed: count('SEED', 0),
    seeds,
    seconds: count('SECONDS') ?? (seeds === undefined ? SECONDS_DEFAULT : undefined),
    workers: count('WORKERS') ?? availableParallelism(),
    goesOn: yesOrNo('CONTINUE', environment.CONTINUE),
    mutant: known(count('MUTANT')),
    report: environment.REPORT || undefined,
  };
}

/** The same, for `make sim-mutants`. @throws SettingsError also for what a hunt does not read */
export function readHuntSettings(environment: Environment): Settings {
  const idle = NOT_FOR_MUTANTS.filter(name => environment[name]);
  if (idle.length === 0) return readSettings(environment);
  throw new SettingsError(`make sim-mutants reads MUTANT and WORKERS, not ${idle.join(', ')}`);
}

function wholeNumber(name: string, { text = '', least }: { text: string | undefined; least: number }) {
  if (text === '') return undefined;
  const count = /^\d+$/.test(text) ? Number(text) : -1;
  if (count > LARGEST) throw new SettingsError(`${name} is at most ${LARGEST}, not '${text}'`);
  if (count >= least) return count;
  throw new SettingsError(`${name} is a whole number, ${least} or more, not '${text}'`);
}

function yesOrNo(name: string, text = ''): boolean {
  if (YES.includes(text)) return true;
  if (NO.includes(text)) return false;
  throw new SettingsError(`${name} is yes or no, not '${text}'`);
}

function known(mutant: number | undefined): number | undefined {
  if (mutant === undefined || mutant <= MUTANTS.length) return mutant;
  throw new SettingsError(`there is no mutant ${mutant}: they are 1 to ${MUTANTS.length}`);
}
