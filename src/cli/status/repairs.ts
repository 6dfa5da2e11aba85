/**
 * Which nodes have not agreed of late on what they hold, as all that answered tell it: each compares itself
 * with each other one, so most pairs are told of twice. Pure.
 */
import { compareText } from '../../base/bytes.ts';
import type { ClusterStatus, RepairWith } from '../../client/index.ts';
import { groupBy } from '../group.ts';
import { hindranceOf } from './hindrance.ts';
import { silentMs } from './sightings.ts';

/** Two nodes that are not known to hold the same. */
export interface Apart {
  readonly nodes: readonly [string, string];
  /** Undefined: not since one of the two started. */
  readonly agreedMs: number | undefined;
  /** For how long they are being brought together; 0: nothing is under way. */
  readonly tookMs: number;
  readonly partitionsLeft: number;
  readonly records: number;
  readonly bytes: number;
  /** Undefined while nobody can tell. */
  readonly leftMs: number | undefined;
  /** What keeps them apart, for people; undefined: nothing that is told. */
  readonly hindrance: string | undefined;
}

/** Some that wait for one that they cannot ask. */
export interface Parted {
  readonly awaited: string;
  readonly others: readonly string[];
  /** With any of them; undefined as above. */
  readonly agreedMs: number | undefined;
}

/** Nodes compare each ten seconds or so: who agreed within a minute is well. */
const CALM_MS = 60_000;

interface Side {
  readonly nodes: readonly [string, string];
  readonly told: RepairWith;
}

/** Of nodes that are up, in order. */
export function apart(answers: readonly ClusterStatus[]): readonly Apart[] {
  return pairs(answers)
    .filter(sides => sides.every(({ told }) => told.up))
    .map(sides => ({ ...together(sides), hindrance: hindranceOf(sides[0]!.nodes, answers) }))
    .filter(({ agreedMs, tookMs }) => (agreedMs ?? tookMs) > CALM_MS);
}

/** By the node that is awaited, in order. */
export function parted(answers: readonly ClusterStatus[]): readonly Parted[] {
  return [...groupBy(pairs(answers).flatMap(waiting), ({ awaited }) => awaited)]
    .map(([awaited, some]) => ({
      awaited,
      others: some.map(({ waits }) => waits).sort(compareText),
      agreedMs: least(some.map(({ agreedMs }) => agreedMs)),
    }))
    .filter(({ awaited, agreedMs = silentMs(awaited, answers) }) => agreedMs > CALM_MS)
    .sort((a, b) => compareText(a.awaited, b.awaited));
}

/** Who of two cannot ask the other. Where the way is open in one direction, they agree all the same. */
function waiting(sides: readonly Side[]) {
  const agreedMs = agreed(sides);
  return sides
    .filter(({ told }) => !told.up)
    .map(({ nodes: [a, b], told: { node: awaited } }) => ({
      waits: a === awaited ? b : a,
      awaited,
      agreedMs,
    }));
}

function pairs(answers: readonly ClusterStatus[]): readonly (readonly Side[])[] {
  const sides = answers.flatMap(({ node, repair }) =>
    repair.with.map(told => ({ nodes: [node, told.node].sort() as [string, string], told })),
  );
  const byPair = [...groupBy(sides, ({ nodes }) => nodes.join(' '))];
  return byPair.sort(([a], [b]) => compareText(a, b)).map(([, some]) => some);
}

/** What the two sides tell; of one that has nothing under way only when it last agreed. */
function together(sides: readonly Side[]): Omit<Apart, 'hindrance'> {
  const atWork = sides.map(({ told }) => told).filter(({ tookMs }) => tookMs > 0);
  const sum = (of: (told: RepairWith) => number) => atWork.reduce((total, told) => total + of(told), 0);
  const most = (of: (told: RepairWith) => number) => Math.max(0, ...atWork.map(of));
  const times = atWork.flatMap(({ leftMs }) => leftMs ?? []);
  return {
    nodes: sides[0]!.nodes,
    agreedMs: agreed(sides),
    tookMs: most(({ tookMs }) => tookMs),
    partitionsLeft: most(({ partitionsLeft }) => partitionsLeft),
    records: sum(({ records }) => records),
    bytes: sum(({ bytes }) => bytes),
    leftMs: times.length === 0 ? undefined : Math.max(...times),
  };
}

/** As the side says that knows of it last. */
function agreed(sides: readonly Side[]): number | undefined {
  return least(sides.map(({ told }) => told.agreedMs));
}

function least(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter(time => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
