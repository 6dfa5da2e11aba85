/** What `shoal repair` says to people while all goes well, and when it has. Pure. */
import type { RepairWith } from '../../client/index.ts';
import { byteCount, recordCount } from '../amounts.ts';
import { duration } from '../duration.ts';
import { count } from '../sentences.ts';
import type { RepairCourse } from './course.ts';
import type { HoldUp } from './hold-ups.ts';
import { areDown, disksFailed, names } from './names.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export interface At {
  readonly node: string;
  readonly address: string;
}

export interface Silence {
  readonly addresses: readonly string[];
  readonly timeoutMs: number;
}

export const CTRL_C = 'Ctrl-C ends the waiting, not the repair';

/** What was asked of whom, and how to watch it. */
export function askedSentence({ node, address }: At, others: readonly RepairWith[]): string {
  if (others.length === 0) return `${node} has no peers: there is nothing to compare`;
  const down = others.filter(({ up }) => !up);
  const up = others.filter(other => other.up);
  const later = down.length === 0 ? '' : `; ${areDown(down)}, and will follow`;
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

/** Who is to be brought back before it can end: "n3 is down: waiting until it is back; Ctrl-C …" */
export function waitingSentences(all: readonly HoldUp[]): readonly string[] {
  const down = all.filter(({ reason }) => reason === 'down');
  const failed = all.filter(({ reason }) => reason === 'disk failed');
  const until = ({ length }: readonly HoldUp[]) =>
    `waiting until ${length === 1 ? 'it is' : 'they are'} back`;
  return [
    ...(down.length === 0 ? [] : [`${areDown(down)}: ${until(down)}; ${CTRL_C}`]),
    ...(failed.length === 0 ? [] : [`${disksFailed(failed)}: ${until(failed)} on a sound one; ${CTRL_C}`]),
  ];
}

/** It may be frozen: the one who is asked next is another. */
export function noAnswerSentence({ addresses, timeoutMs }: Silence): string {
  const whom = `no answer from ${addresses.join(', ')} within ${briefly(timeoutMs)}`;
  return `${whom}; whoever is there hangs, or has too much to do: ask another node with --addr`;
}

export function interruptedSentence({ address }: At): string {
  return `the waiting has ended, the repair itself goes on; to see how far it is: shoal status --addr ${address}`;
}

/** "23 ms", "2.3 s", "5 min" */
export function briefly(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  return ms < MINUTE ? `${(ms / SECOND).toFixed(1)} s` : duration(ms);
}
