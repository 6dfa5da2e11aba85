/**
 * A read quorum as a value: what each replica answered, whether that is enough, and what must be repaired
 * (Dynamo §4.5, §4.4).
 *
 * A replica's word is *whole* if it is a primary that holds all it ever acknowledged, otherwise it is a
 * *stand-in's*: a fallback, or a primary that is recovering. I5: a node counts once, and a stand-in counts in
 * no strict read. In a sloppy read a stand-in's "I have nothing" counts only when no reachable primary still
 * owes its answer (one that is overdue is not reachable, whatever else is believed of it), and such words
 * alone never make a key absent: a fallback that was never written to knows nothing about the key.
 */
import { assert } from '../../base/assert.ts';
import { isZero } from '../../base/bytes.ts';
import type { NodeName } from '../../base/ids.ts';
import { sameDigest } from '../record/codec.ts';
import { includes, type Role, type Verdict, type Voter, without } from './write-tally.ts';

export interface ReadAnswer {
  readonly node: NodeName;
  readonly role: Role;
  readonly recovering: boolean;
  /** `NO_DIGEST` for "I have nothing". */
  readonly digest: Uint8Array;
}

export interface ReadTally {
  /** R. */
  readonly required: number;
  readonly strict: boolean;
  readonly waiting: readonly Voter[];
  /** Those of them that have been silent for longer than a node that is well. */
  readonly overdue: readonly NodeName[];
  /** In order of arrival, each node once. */
  readonly answers: readonly ReadAnswer[];
}

export function newReadTally({ required, strict }: { required: number; strict: boolean }): ReadTally {
  return { required, strict, waiting: [], overdue: [], answers: [] };
}

export function addAsked(tally: ReadTally, asked: Voter): ReadTally {
  const { required, strict, waiting, overdue, answers } = tally;
  assert(!includes(waiting, asked.node) && !includes(answers, asked.node), 'a node is asked once per read');
  return { required, strict, waiting: [...waiting, asked], overdue, answers };
}

/** It may still answer, and then counts as what it is; but nothing waits for that. */
export function addOverdue(tally: ReadTally, node: NodeName): ReadTally {
  return { ...tally, overdue: [...tally.overdue, node] };
}

export function addAnswer(tally: ReadTally, answer: ReadAnswer): ReadTally {
  const { required, strict, waiting, overdue, answers } = tally;
  if (!includes(waiting, answer.node)) return tally;
  return { required, strict, waiting: without(waiting, answer.node), overdue, answers: [...answers, answer] };
}

export function addFailure(tally: ReadTally, node: NodeName): ReadTally {
  const { required, strict, waiting, overdue, answers } = tally;
  return { required, strict, waiting: without(waiting, node), overdue, answers };
}

/** The tally without a node that answered but can no longer show what it has. */
export function withoutAnswer(tally: ReadTally, node: NodeName): ReadTally {
  return { ...tally, answers: tally.answers.filter(answer => answer.node !== node) };
}

/**
 * The answers that count now.
 * @param spares who could still be asked: how many nodes, and whether a primary is among them
 */
export function countedAnswers(tally: ReadTally, spares: Spares): readonly ReadAnswer[] {
  const primaryOwes = spares.primaries > 0 || tally.waiting.some(voter => isOwing(voter, tally));
  return tally.answers.filter(answer => {
    if (isWhole(answer)) return true;
    if (tally.strict) return false;
    return !isZero(answer.digest) || !primaryOwes;
  });
}

export interface Spares {
  readonly primaries: number;
  readonly fallbacks: number;
}

export function readVerdict(tally: ReadTally, spares: Spares): Verdict {
  const counted = countedAnswers(tally, spares);
  if (counted.length >= tally.required && saysSomething(counted)) return 'met';
  const open = tally.waiting.length + spares.primaries + (tally.strict ? 0 : spares.fallbacks);
  if (open === 0) return 'lost';
  const best = tally.strict ? counted.length : tally.answers.length;
  return best + open < tally.required ? 'lost' : 'pending';
}

/** Whether all these replicas hold the same; then there is nothing to merge and nothing to repair. */
export function agree(answers: readonly ReadAnswer[]): boolean {
  return answers.every(answer => sameDigest(answer.digest, answers[0]!.digest));
}

/** The nodes that do not hold what is shown. */
export function stale(answers: readonly ReadAnswer[], shown: Uint8Array): readonly ReadAnswer[] {
  return answers.filter(answer => !sameDigest(answer.digest, shown));
}

/** How many of these answers are a stand-in's. */
export function standIns(answers: readonly ReadAnswer[]): number {
  return answers.filter(answer => !isWhole(answer)).length;
}

function isOwing({ node, role }: Voter, { overdue }: ReadTally): boolean {
  return role === 'primary' && !overdue.includes(node);
}

function isWhole(answer: ReadAnswer): boolean {
  return answer.role === 'primary' && !answer.recovering;
}

/** A value, or the word of somebody who would know if there were one. */
function saysSomething(counted: readonly ReadAnswer[]): boolean {
  return counted.some(answer => isWhole(answer) || !isZero(answer.digest));
}
