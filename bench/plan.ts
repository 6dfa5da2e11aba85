/**
 * Which rows a run measures, and in which order: in sections, each with a cluster of one shape (the first
 * without), and a section in rounds, so that what the machine does meanwhile falls on all rows alike. Pure.
 */
import {
  asked,
  type ClusterRow,
  type ClusterShape,
  clusterName,
  type EchoRow,
  echo,
  IN_FLIGHT,
  type LevelRow,
  level,
  type Op,
  type Row,
} from './rows.ts';
import type { Settings } from './settings.ts';

export interface Section {
  /** Undefined: nothing but echoes and LevelDB. */
  readonly shape: ClusterShape | undefined;
  readonly rounds: number;
  readonly rows: readonly Row[];
}

export const AIMED_AT: ClusterShape = { nodes: 3, durability: 'fsync' };
const WIDE: ClusterShape = { nodes: 7, durability: 'fsync' };
const OTHER_SHAPES: readonly ClusterShape[] = [
  { nodes: 1, durability: 'fsync' },
  { nodes: 3, durability: 'os' },
  { nodes: 1, durability: 'os' },
];
const OPS: readonly Op[] = ['put', 'get', '50/50', '95/5'];
const LARGE_BYTES = 1024;
/** Of the most that the closed loops of the same operation did. */
export const OF_PEAK = 0.7;
/**
 * Between two of seven nodes there are as many messages in flight as between two of three: each operation
 * crosses two of 3 and of 21 pairs.
 */
export const EQUAL_PER_LINK = { three: 63, seven: 441 } as const;
export const FEW_KEYS = 100_000;
export const MANY_KEYS = 2_000_000;
export const RSS_KEYS = 1_000_000;

/** Only sections with rows in them. */
export function planOf({ full, quick, scale, rows }: Settings): readonly Section[] {
  const rounds = quick ? 1 : 3;
  const others = quick ? [] : OTHER_SHAPES;
  const sections: readonly Section[] = [
    { shape: undefined, rounds: 1, rows: [...rawRows(quick), ...levelRows()] },
    { shape: AIMED_AT, rounds, rows: [...aimedRows(), ...(quick ? [] : besideAims()), ...openRows()] },
    ...others.map(shape => ({ shape, rounds: 1, rows: sliceRows(shape) })),
    ...(full ? [AIMED_AT, ...OTHER_SHAPES].map(shape => ({ shape, rounds: 1, rows: allRows(shape) })) : []),
    ...(scale ? scaleSections() : []),
  ];
  return unlike(sections.map(section => ({ ...section, rows: section.rows.filter(row => rows(row.name)) })));
}

/** For people. */
export function sectionName({ shape, rows }: Section): string {
  return `${shape ? clusterName(shape) : 'no cluster'}, ${rows.length} rows`;
}

function rawRows(quick: boolean): readonly EchoRow[] {
  const shapes = quick ? (['gathered'] as const) : (['gathered', 'lean', 'stream', 'unary'] as const);
  return IN_FLIGHT.flatMap(inFlight => shapes.map(shape => echo(shape, inFlight)));
}

function levelRows(): readonly LevelRow[] {
  return [level('get'), level('batch')];
}

/** What the aims are about. */
function aimedRows(): readonly Row[] {
  return [
    echo('stream', 1),
    ...IN_FLIGHT.flatMap(inFlight => [
      asked(AIMED_AT, inFlight, { op: 'put' }),
      asked(AIMED_AT, inFlight, { op: 'get' }),
    ]),
    echo('unary', 64),
    asked(AIMED_AT, 64, { op: 'put', door: 'plain' }),
  ];
}

function besideAims(): readonly ClusterRow[] {
  const mixes = [64, 256].flatMap(inFlight =>
    (['50/50', '95/5'] as const).map(op => asked(AIMED_AT, inFlight, { op })),
  );
  const large = (['put', 'get'] as const).map(op => asked(AIMED_AT, 64, { op, valueBytes: LARGE_BYTES }));
  return [...mixes, ...large];
}

/** Last, because their rate is a part of what the others did. */
function openRows(): readonly ClusterRow[] {
  return (['put', 'get'] as const).map(op => asked(AIMED_AT, 256, { op, ofPeak: OF_PEAK }));
}

function sliceRows(shape: ClusterShape): readonly ClusterRow[] {
  return (['put', 'get'] as const).map(op => asked(shape, 64, { op }));
}

function allRows(shape: ClusterShape): readonly ClusterRow[] {
  return IN_FLIGHT.flatMap(inFlight =>
    OPS.flatMap(op => [100, LARGE_BYTES].map(valueBytes => asked(shape, inFlight, { op, valueBytes }))),
  );
}

function scaleSections(): readonly Section[] {
  const both = (shape: ClusterShape, inFlight: number, keys?: number): readonly ClusterRow[] =>
    (['put', 'get'] as const).map(op =>
      asked(shape, inFlight, { op, ...(keys === undefined ? {} : { keys }) }),
    );
  return [
    { shape: AIMED_AT, rounds: 1, rows: both(AIMED_AT, EQUAL_PER_LINK.three) },
    { shape: WIDE, rounds: 1, rows: both(WIDE, EQUAL_PER_LINK.seven) },
    ...[FEW_KEYS, RSS_KEYS, MANY_KEYS].map(keys => ({
      shape: AIMED_AT,
      rounds: 1,
      rows: both(AIMED_AT, 64, keys),
    })),
  ];
}

/** Each row once, where it is first; sections that are left without rows are not there. */
function unlike(sections: readonly Section[]): readonly Section[] {
  const seen = new Set<string>();
  const first = ({ name }: Row): boolean => !seen.has(name) && seen.add(name).has(name);
  return sections
    .map(section => ({ ...section, rows: section.rows.filter(first) }))
    .filter(({ rows }) => rows.length > 0);
}
