/** What `make gossip` is told: variables of the environment. */

export interface Settings {
  readonly nodes: readonly number[];
  /** Trials of each. */
  readonly seeds: number;
  readonly parts: readonly Part[];
}

export const PARTS = ['spread', 'detection', 'trouble'] as const;
export type Part = (typeof PARTS)[number];

const NODES = [4, 8, 16, 32, 64];
const SEEDS = 5;

/** In words for whoever typed it. */
export class SettingsError extends Error {}

/** @throws SettingsError */
export function readSettings({
  NODES: nodes = '',
  SEEDS: seeds = '',
  ONLY: only = '',
}: Readonly<Record<string, string | undefined>>): Settings {
  return {
    nodes: nodes === '' ? NODES : nodes.split(',').map(text => numberIn(text, 'NODES', { min: 4, max: 128 })),
    seeds: seeds === '' ? SEEDS : numberIn(seeds, 'SEEDS', { min: 1, max: 1_000 }),
    parts: only === '' ? PARTS : [partIn(only)],
  };
}

function numberIn(text: string, name: string, { min, max }: { min: number; max: number }): number {
  const number = /^\d+$/.test(text) ? Number(text) : -1;
  if (number >= min && number <= max) return number;
  throw new SettingsError(`${name} takes numbers from ${min} to ${max}, not '${text}'`);
}

function partIn(text: string): Part {
  const part = PARTS.find(each => each === text);
  if (part === undefined) throw new SettingsError(`ONLY is one of ${PARTS.join(', ')}, not '${text}'`);
  return part;
}
