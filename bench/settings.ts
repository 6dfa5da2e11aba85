/**
 * What the bench is told from outside: variables of the environment, which is where `make bench QUICK=1` puts
 * them. Pure.
 */

export interface Settings {
  /** One round of the rows that the aims are about. */
  readonly quick: boolean;
  /** The whole product of shapes, operations, sizes and in flight. */
  readonly full: boolean;
  /** Seven nodes, and up to two million keys. */
  readonly scale: boolean;
  /** Whether a row of this name is wanted. */
  readonly rows: (name: string) => boolean;
  /** Of each row, measured. */
  readonly seconds: number;
}

/** In words for whoever typed it. */
export class SettingsError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

const SECONDS_DEFAULT = 2;
const SECONDS_QUICK = 1;
const SECONDS_MAX = 3_600;
const YES = ['1', 'yes', 'true'];
const NO = ['0', 'no', 'false', ''];

/** @throws SettingsError */
export function readSettings(environment: Environment): Settings {
  const quick = yesOrNo('QUICK', environment.QUICK);
  const full = yesOrNo('FULL', environment.FULL);
  if (quick && full) throw new SettingsError('QUICK and FULL exclude each other');
  return {
    quick,
    full,
    scale: yesOrNo('SCALE', environment.SCALE),
    rows: wanted(environment.ROWS),
    seconds: seconds(environment.SECONDS) ?? (quick ? SECONDS_QUICK : SECONDS_DEFAULT),
  };
}

function yesOrNo(name: string, text = ''): boolean {
  if (YES.includes(text)) return true;
  if (NO.includes(text)) return false;
  throw new SettingsError(`${name} is yes or no, not '${text}'`);
}

function wanted(text = ''): (name: string) => boolean {
  try {
    const pattern = new RegExp(text);
    return name => pattern.test(name);
  } catch {
    throw new SettingsError(`ROWS is a regular expression for the names of rows, not '${text}'`);
  }
}

function seconds(text = ''): number | undefined {
  if (text === '') return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= SECONDS_MAX) return number;
  throw new SettingsError(`SECONDS is a whole number from 1 to ${SECONDS_MAX}, not '${text}'`);
}
