/** What a case shows: a figure, and the aim it is held against if it has one. Pure. */
import { table } from '../../src/cli/table.ts';

export interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly aim?: { readonly wanted: string; readonly reached: boolean } | undefined;
}

/** Figures first, then those with an aim once more, judged. */
export function pageOf(figures: readonly Figure[]): string {
  const aimed = figures.flatMap(({ what, measured, aim }) =>
    aim === undefined ? [] : [[what, aim.wanted, measured, aim.reached ? 'reached' : 'missed']],
  );
  const judged = aimed.length === 0 ? [] : ['', ...table([['aim', 'wanted', 'measured', ''], ...aimed])];
  const all = table([['figure', 'measured'], ...figures.map(({ what, measured }) => [what, measured])]);
  return [...all, ...judged, ''].join('\n');
}

export function atMost(
  figure: number,
  wanted: number,
  shown: (figure: number) => string,
): Omit<Figure, 'what'> {
  return { measured: shown(figure), aim: { wanted: `≤ ${shown(wanted)}`, reached: figure <= wanted } };
}

export function exactly(figure: number, wanted: number): Omit<Figure, 'what'> {
  return { measured: String(figure), aim: { wanted: String(wanted), reached: figure === wanted } };
}
