/** What `make chaos` is told from outside: variables of the environment. Pure. */

export interface Settings {
  /** How long clients work and faults happen. */
  readonly seconds: number;
  readonly seed: number;
  readonly nodes: number;
  /** Without them the figures tell what the machine itself does to a call. */
  readonly faults: boolean;
  /** Where to leave whether it passed, for .ci/run. */
  readonly report: string | undefined;
}

/** In words for whoever typed it. */
export class SettingsError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

const SECONDS_DEFAULT = 300;
const SECONDS_MAX = 86_400;
/** One of three may be away, two of five: a sloppy quorum is to be had at any time. */
const NODES = { default: 5, min: 3, max: 9 };
/** Of a larger seed only the last 32 bits would count. */
const SEED_MAX = 2 ** 32 - 1;

/** @param freshSeed for whoever names none @throws SettingsError */
export function readSettings(environment: Environment, freshSeed: number): Settings {
  const { SECONDS, SEED, NODES: nodes, FAULTS = '', REPORT } = environment;
  if (!['', 'none'].includes(FAULTS)) throw new SettingsError(`FAULTS is none or not said, not '${FAULTS}'`);
  return {
    seconds: whole('SECONDS', SECONDS, { min: 1, max: SECONDS_MAX }) ?? SECONDS_DEFAULT,
    seed: whole('SEED', SEED, { min: 0, max: SEED_MAX }) ?? freshSeed,
    nodes: whole('NODES', nodes, NODES) ?? NODES.default,
    faults: FAULTS === '',
    report: REPORT || undefined,
  };
}

/** The command that begins the same once more. */
export function commandOf({ seconds, seed, nodes, faults }: Settings): string {
  return `make chaos SEED=${seed} SECONDS=${seconds} NODES=${nodes}${faults ? '' : ' FAULTS=none'}`;
}

function whole(
  name: string,
  text: string | undefined,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  if (text === undefined || text === '') return undefined;
  const number = /^\d{1,12}$/.test(text) ? Number(text) : -1;
  if (number >= min && number <= max) return number;
  throw new SettingsError(`${name} is a whole number from ${min} to ${max}, not '${text}'`);
}
