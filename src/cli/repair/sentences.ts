/** What `shoal repair` says to people. Pure. */
import type { RepairWith } from '../../client/index.ts';
import { byteCount, whole } from '../amounts.ts';
import { duration } from '../duration.ts';
import { count } from '../sentences.ts';
import type { RepairCourse } from './course.ts';

const BAR_WIDTH = 20;
/** Of more nodes it is said how many. */
const NAMES_MAX = 8;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export interface At {
  readonly node: string;
  readonly address: string;
}

/** What was asked of whom, and how to watch it. */
export function askedSentence({ node, address }: At, others: readonly RepairWith[]): string {
  if (others.length === 0) return `${node} has no peers: there is nothing to compare`;
  const down = others.filter(({ up }) => !up);
  const up = others.filter(other => other.up);
  const later = down.length === 0 ? '' : `; ${isDown(down)}, and will follow`;
  const now = up.length === 0 ? 'nobody yet' : `${names(up)} now, and mends what differs`;
  const whom = `${node} compares with ${now}${later}`;
  return `${whom}. To see how far it is: shoal status --addr ${address}, or wait for it: shoal repair --wait --addr ${address}`;
}

export function agreedSentence({ node }: At, course: RepairCourse): string {
  if (course.status?.repair.with.length === 0) return `${node} has no peers: there is nothing to compare`;
  const { records, bytes, tookMs, recovered } = course;
  const done = [
    ...(recovered === 0 ? [] : [`${count(recovered, 'partition')} recovered`]),
    ...(records === 0 ? [] : [`${recordCount(records)} brought, ${byteCount(bytes)}`]),
  ];
  const what = done.length === 0 ? `${node} itself had nothing to bring` : done.join(', ');
  return `${node} and its peers agree after ${briefly(tookMs)}: ${what}`;
}

/** Who is awaited, and what to do. */
export function timeoutSentence({ node }: At, course: RepairCourse, timeoutMs: number): string {
  const down = course.awaited.filter(({ up }) => !up);
  const why = down.length === 0 ? '' : `: ${isDown(down)}`;
  const advice = down.length === 0 ? '' : `start ${down.length === 1 ? 'it' : 'them'}, or `;
  return `${unfinished(node, course)} after ${briefly(timeoutMs)}${why}; ${advice}allow more time with --timeout. The repair itself goes on`;
}

function unfinished(node: string, { status, awaited, recovering }: RepairCourse): string {
  if (status === undefined) return `${node} has not told how far it is`;
  if (awaited.length > 0) return `${node} does not agree with ${names(awaited)} yet`;
  return `${count(recovering, 'partition')} of ${node} ${recovering === 1 ? 'is' : 'are'} still recovering`;
}

/** "n3 is down: waiting until it is back; …" */
export function waitingSentence(down: readonly RepairWith[]): string {
  return `${isDown(down)}: waiting until ${down.length === 1 ? 'it is' : 'they are'} back; Ctrl-C ends the waiting, not the repair`;
}

/** "[########------------]  40 %  12 400 records  2 350/s  3.1 MiB  5 s left  n3: 12 partitions" */
export function barLine(course: RepairCourse): string {
  return [...bar(course), ...parts(course)].join('  ');
}

/** "   5 s  12 400 records  …" */
export function plainLine(course: RepairCourse): string {
  return [`${String(Math.round(course.tookMs / SECOND)).padStart(4)} s`, ...parts(course)].join('  ');
}

function bar({ share }: RepairCourse): readonly string[] {
  if (share === undefined) return [];
  const full = Math.floor(share * BAR_WIDTH);
  const percent = `${String(Math.floor(share * 100)).padStart(3)} %`;
  return [`[${'#'.repeat(full)}${'-'.repeat(BAR_WIDTH - full)}] ${percent}`];
}

function parts(course: RepairCourse): readonly string[] {
  const { records, bytes, recordsPerSecond, leftMs, awaited, recovering } = course;
  const rate = recordsPerSecond > 0 ? [`${whole(recordsPerSecond)}/s`] : [];
  const amounts = records === 0 ? [] : [recordCount(records), ...rate, byteCount(bytes)];
  const left = leftMs === undefined ? [] : [`${duration(leftMs)} left`];
  const own = recovering === 0 ? [] : [`${count(recovering, 'partition')} recovering`];
  return [...amounts, ...left, ...own, ...awaited.map(awaitedPart)];
}

function awaitedPart({ node, up, partitionsLeft }: RepairWith): string {
  if (!up) return `${node}: down, waiting`;
  return partitionsLeft === 0 ? `${node}: comparing` : `${node}: ${count(partitionsLeft, 'partition')}`;
}

function recordCount(records: number): string {
  return `${whole(records)} record${records === 1 ? '' : 's'}`;
}

function isDown(nodes: readonly RepairWith[]): string {
  return `${names(nodes)} ${nodes.length === 1 ? 'is' : 'are'} down`;
}

function names(nodes: readonly RepairWith[]): string {
  const shown = nodes.slice(0, NAMES_MAX).map(({ node }) => node);
  const more = nodes.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${count(more, 'other')}`;
}

/** "23 ms", "2.3 s", "5 min" */
function briefly(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  return ms < MINUTE ? `${(ms / SECOND).toFixed(1)} s` : duration(ms);
}
