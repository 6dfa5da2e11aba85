/** What `shoal repair --timeout …` says when they do not agree in time: who, why, what to do. Pure. */
import { count } from '../sentences.ts';
import type { RepairCourse } from './course.ts';
import type { HoldUp, Reason } from './hold-ups.ts';
import { areDown, disksFailed, names } from './names.ts';
import { type At, briefly } from './sentences.ts';

export function timeoutSentence({ node }: At, course: RepairCourse, timeoutMs: number): string {
  const all = reasons(node, course);
  const why = all.length === 0 ? '' : `: ${all.join('; ')}`;
  const end = `${steps(course).join(', or ')}. The repair itself goes on`;
  return `${unfinished(node, course)} after ${briefly(timeoutMs)}${why}; ${end}`;
}

function unfinished(node: string, { status, holdUps, recovering }: RepairCourse): string {
  if (status === undefined) return `${node} has not told how far it is`;
  if (holdUps.length === 0) return areRecovering(node, recovering);
  return `${node} does not agree with ${names(holdUps)} yet`;
}

function reasons(node: string, { holdUps, recovering }: RepairCourse): readonly string[] {
  const { down, failed } = stuckIn(holdUps);
  const isToldOf = recovering === 0 || holdUps.length === 0;
  return [
    ...(down.length === 0 ? [] : [areDown(down)]),
    ...(failed.length === 0 ? [] : [`${disksFailed(failed)}, and nothing is taken in there`]),
    ...(isToldOf ? [] : [areRecovering(node, recovering)]),
    ...only(holdUps, 'filling there').map(other => areRecovering(other.node, other.partitions)),
  ];
}

/** More time is of no use where all that are awaited have failed. */
function steps({ holdUps }: RepairCourse): readonly string[] {
  const { down, failed } = stuckIn(holdUps);
  const isVain = failed.length > 0 && failed.length === holdUps.length;
  return [
    ...(down.length === 0 ? [] : [`start ${names(down)}`]),
    ...(failed.length === 0 ? [] : [`restart ${names(failed)} on a sound disk`]),
    ...(isVain ? [] : ['allow more time with --timeout']),
  ];
}

function stuckIn(holdUps: readonly HoldUp[]) {
  return { down: only(holdUps, 'down'), failed: only(holdUps, 'disk failed') };
}

function only(holdUps: readonly HoldUp[], wanted: Reason): readonly HoldUp[] {
  return holdUps.filter(({ reason }) => reason === wanted);
}

function areRecovering(node: string, partitions: number): string {
  return `${count(partitions, 'partition')} of ${node} ${partitions === 1 ? 'is' : 'are'} still recovering`;
}
