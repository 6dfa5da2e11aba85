/** How far a repair is, as it is drawn on a terminal and as it is told elsewhere. Pure. */
import { byteCount, recordCount, whole } from '../amounts.ts';
import { duration } from '../duration.ts';
import { count } from '../sentences.ts';
import type { RepairCourse } from './course.ts';
import type { HoldUp } from './hold-ups.ts';

const BAR_WIDTH = 20;
/** Where there is no room for more. */
const BAR_WIDTH_MIN = 8;
const SECOND = 1_000;
/** As far as the bar is indented. */
const BELOW = ' '.repeat(8);

/**
 * "   5 s  [########------------]  40 %  12 400 records  2 350/s  3.1 MiB  5 s left  n3: 12 partitions"; who
 * is waited for stands below where that is too wide, and the bar gets shorter.
 */
export function barLines(course: RepairCourse, columns: number): readonly string[] {
  const above = figures(course, BAR_WIDTH);
  const others = awaited(course).join('  ');
  const line = others === '' ? above : `${above}  ${others}`;
  if (line.length <= columns) return [line];
  const barWidth = Math.min(BAR_WIDTH, Math.max(BAR_WIDTH_MIN, BAR_WIDTH + columns - above.length));
  const lines = [figures(course, barWidth), ...(others === '' ? [] : [`${BELOW}${others}`])];
  return lines.map(each => each.slice(0, columns));
}

function figures(course: RepairCourse, barWidth: number): string {
  return [elapsed(course), ...bar(course, barWidth), ...amounts(course)].join('  ');
}

/** "   5 s  12 400 records  …" */
export function plainLine(course: RepairCourse): string {
  return [elapsed(course), ...amounts(course), ...awaited(course)].join('  ');
}

function elapsed({ tookMs }: RepairCourse): string {
  return `${String(Math.round(tookMs / SECOND)).padStart(4)} s`;
}

function bar({ share }: RepairCourse, width: number): readonly string[] {
  if (share === undefined) return [];
  const full = Math.floor(share * width);
  const percent = `${String(Math.floor(share * 100)).padStart(3)} %`;
  return [`[${'#'.repeat(full)}${'-'.repeat(width - full)}] ${percent}`];
}

function amounts({ records, bytes, recordsPerSecond, leftMs }: RepairCourse): readonly string[] {
  const rate = recordsPerSecond > 0 ? [`${whole(recordsPerSecond)}/s`] : [];
  const brought = records === 0 ? [] : [recordCount(records), ...rate, byteCount(bytes)];
  const left = leftMs === undefined ? [] : [`${duration(leftMs)} left`];
  return [...brought, ...left];
}

function awaited(course: RepairCourse): readonly string[] {
  return [...recovering(course), ...course.holdUps.flatMap(holdUpPart)];
}

/** "120 partitions recovering, then n2, n3" */
function recovering({ recovering: left, holdUps }: RepairCourse): readonly string[] {
  if (left === 0) return [];
  const later = holdUps.filter(({ reason }) => reason === 'filling here').map(({ node }) => node);
  const own = `${count(left, 'partition')} recovering`;
  return [later.length === 0 ? own : `${own}, then ${later.join(', ')}`];
}

function holdUpPart(held: HoldUp): readonly string[] {
  const words = wordsFor(held);
  return words === undefined ? [] : [`${held.node}: ${words}`];
}

/** Undefined when it is said elsewhere. */
function wordsFor({ reason, partitions, first }: HoldUp): string | undefined {
  switch (reason) {
    case 'down':
      return 'down, waiting';
    case 'disk failed':
      return 'its DISK FAILED, waiting';
    case 'at work':
      return count(partitions, 'partition');
    case 'filling here':
      return undefined;
    case 'filling there':
      return `${count(partitions, 'partition')} recovering there`;
    case 'another first':
      return `after ${first}`;
    case 'not begun':
      return 'waiting for its turn';
    case 'comparing':
      return 'comparing';
    case 'apart':
      return 'not agreed yet';
  }
}
