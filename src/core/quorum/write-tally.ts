/**
 * A write quorum as a value: whom we asked, who has acknowledged, and whether that is enough (Dynamo §4.5).
 * Pure: `addAck(tally, node) → tally`, then ask for the verdict. Holds I5: a node counts once, a fallback
 * never in strict mode. Whether an acknowledgement is durable is the replica's promise (I4), not judged here.
 */
import { assert } from '../../base/assert.ts';
import type { NodeName } from '../../base/ids.ts';

export type Verdict = 'pending' | 'met' | 'lost';
export type Role = 'primary' | 'fallback';

/** Somebody who was asked. */
export interface Voter {
  readonly node: NodeName;
  readonly role: Role;
}

/** Lists, not maps: they hold three or four, and a write makes seven of these values. */
export interface WriteTally {
  /** W. */
  readonly required: number;
  readonly strict: boolean;
  /** Asked, no answer yet. */
  readonly waiting: readonly Voter[];
  readonly acked: readonly Voter[];
}

export function newWriteTally({ required, strict }: { required: number; strict: boolean }): WriteTally {
  return { required, strict, waiting: [], acked: [] };
}

export function addAsked({ required, strict, waiting, acked }: WriteTally, asked: Voter): WriteTally {
  assert(!includes(waiting, asked.node) && !includes(acked, asked.node), 'a node is asked once per write');
  return { required, strict, waiting: [...waiting, asked], acked };
}

/** An answer of a node that was not asked, or answered before, changes nothing. */
export function addAck(tally: WriteTally, node: NodeName): WriteTally {
  const { required, strict, waiting, acked } = tally;
  const voter = waiting.find(asked => asked.node === node);
  if (voter === undefined) return tally;
  return { required, strict, waiting: without(waiting, node), acked: [...acked, voter] };
}

export function addFailure(tally: WriteTally, node: NodeName): WriteTally {
  const { required, strict, waiting, acked } = tally;
  return includes(waiting, node) ? { required, strict, waiting: without(waiting, node), acked } : tally;
}

/** @param spares how many nodes could still be asked */
export function writeVerdict(tally: WriteTally, spares: number): Verdict {
  const { required, strict } = tally;
  const acks = countOf(tally.acked, strict);
  if (acks >= required) return 'met';
  return acks + countOf(tally.waiting, strict) + spares < required ? 'lost' : 'pending';
}

/** The nodes whose acknowledgements count. */
export function countedAcks(tally: WriteTally): readonly NodeName[] {
  return tally.acked.filter(voter => counts(voter, tally.strict)).map(({ node }) => node);
}

export function fallbackAcks(tally: WriteTally): number {
  return tally.acked.filter(({ role }) => role === 'fallback').length;
}

export function includes(voters: readonly Voter[], node: NodeName): boolean {
  return voters.some(voter => voter.node === node);
}

export function without(voters: readonly Voter[], node: NodeName): readonly Voter[] {
  const at = voters.findIndex(voter => voter.node === node);
  return at === -1 ? voters : voters.toSpliced(at, 1);
}

/** No list is made for it: a verdict is asked for after every answer. */
function countOf(voters: readonly Voter[], strict: boolean): number {
  let count = 0;
  for (const voter of voters) if (counts(voter, strict)) count += 1;
  return count;
}

function counts({ role }: Voter, strict: boolean): boolean {
  return !strict || role === 'primary';
}
