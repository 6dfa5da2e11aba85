/**
 * A write quorum as a value: whom we asked, who has acknowledged, and whether that is enough (Dynamo §4.5).
 * Pure: `addAck(tally, node) → tally`, then ask for the verdict. Holds I5: a node counts once, a fallback never in strict mode.
 * Whether an acknowledgement is durable is the replica's promise (I4), not judged here.
 */
import { assert } from '../../base/assert.ts';
import type { NodeName } from '../../base/ids.ts';

export type Verdict = 'pending' | 'met' | 'lost';
export type Role = 'primary' | 'fallback';

export interface WriteTally {
  /** W. */
  readonly required: number;
  readonly strict: boolean;
  /** Asked, no answer yet. */
  readonly waiting: ReadonlyMap<NodeName, Role>;
  readonly acked: ReadonlyMap<NodeName, Role>;
}

export function newWriteTally({ required, strict }: { required: number; strict: boolean }): WriteTally {
  return { required, strict, waiting: new Map(), acked: new Map() };
}

export function addAsked(tally: WriteTally, asked: { node: NodeName; role: Role }): WriteTally {
  assert(!tally.waiting.has(asked.node) && !tally.acked.has(asked.node), 'a node is asked once per write');
  return { ...tally, waiting: new Map(tally.waiting).set(asked.node, asked.role) };
}

/** An answer of a node that was not asked, or answered before, changes nothing. */
export function addAck(tally: WriteTally, node: NodeName): WriteTally {
  const role = tally.waiting.get(node);
  return role === undefined
    ? tally
    : { ...tally, waiting: without(tally.waiting, node), acked: new Map(tally.acked).set(node, role) };
}

export function addFailure(tally: WriteTally, node: NodeName): WriteTally {
  return tally.waiting.has(node) ? { ...tally, waiting: without(tally.waiting, node) } : tally;
}

/** @param spares how many nodes could still be asked */
export function writeVerdict(tally: WriteTally, spares: number): Verdict {
  const acks = countedAcks(tally).length;
  if (acks >= tally.required) return 'met';
  return acks + counting(tally.waiting, tally.strict).length + spares < tally.required ? 'lost' : 'pending';
}

/** The nodes whose acknowledgements count. */
export function countedAcks(tally: WriteTally): readonly NodeName[] {
  return counting(tally.acked, tally.strict);
}

export function fallbackAcks(tally: WriteTally): number {
  return [...tally.acked.values()].filter(role => role === 'fallback').length;
}

function counting(nodes: ReadonlyMap<NodeName, Role>, strict: boolean): readonly NodeName[] {
  return [...nodes].filter(([, role]) => !strict || role === 'primary').map(([node]) => node);
}

function without(nodes: ReadonlyMap<NodeName, Role>, node: NodeName): ReadonlyMap<NodeName, Role> {
  const rest = new Map(nodes);
  rest.delete(node);
  return rest;
}
