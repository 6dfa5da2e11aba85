/**
 * Whom a coordinator asks, in order: sloppy quorums take the first N *reachable* nodes of the preference list
 * (Dynamo §4.6), strict ones only primaries. Pure: reachability is handed in.
 */
import type { NodeName } from '../../base/ids.ts';
import type { PreferenceList } from '../ring/ring.ts';
import type { Role } from './write-tally.ts';

export interface Candidate {
  readonly node: NodeName;
  readonly role: Role;
  /** The primary in whose stead a fallback is asked. */
  readonly standsInFor: NodeName | undefined;
}

export interface Plan {
  /** One for each primary, or its stand-in if there is any; primaries first, this node before others. */
  readonly candidates: readonly Candidate[];
  /** Reachable fallbacks that are not needed yet, in order; none in strict mode. */
  readonly spares: readonly NodeName[];
  /** Primaries that are believed to be down. */
  readonly down: readonly NodeName[];
  /** Those of them for whom nobody stands in. */
  readonly missed: readonly NodeName[];
}

export interface Circumstances {
  readonly self: NodeName;
  readonly strict: boolean;
  readonly reachable: (node: NodeName) => boolean;
}

export function plan(list: PreferenceList, { self, strict, reachable }: Circumstances): Plan {
  if (list.primaries.every(reachable)) {
    const spares = strict ? NOBODY : list.fallbacks.filter(reachable);
    return { candidates: allPrimaries(list, self), spares, down: NOBODY, missed: NOBODY };
  }
  const up = selfFirst(list.primaries.filter(reachable), self);
  const down = list.primaries.filter(node => !reachable(node));
  // In the list's order, whoever coordinates: were it itself first, reads and writes through two nodes would
  // ask different stand-ins.
  const fallbacks = strict ? [] : list.fallbacks.filter(reachable);
  const standIns = fallbacks.slice(0, down.length);
  return {
    candidates: [
      ...up.map(asPrimary),
      ...selfFirst(standIns, self).map(node => ({
        node,
        role: 'fallback' as const,
        standsInFor: down[standIns.indexOf(node)],
      })),
    ],
    spares: fallbacks.slice(down.length),
    down,
    missed: down.slice(standIns.length),
  };
}

const NOBODY: readonly NodeName[] = [];

/** What is planned as long as all is well, by list: worked out once for each partition of a ring. */
const withAllUp = new WeakMap<PreferenceList, { self: NodeName; candidates: readonly Candidate[] }>();

function allPrimaries(list: PreferenceList, self: NodeName): readonly Candidate[] {
  const known = withAllUp.get(list);
  if (known?.self === self) return known.candidates;
  const candidates = selfFirst(list.primaries, self).map(asPrimary);
  withAllUp.set(list, { self, candidates });
  return candidates;
}

function asPrimary(node: NodeName): Candidate {
  return { node, role: 'primary', standsInFor: undefined };
}

function selfFirst(nodes: readonly NodeName[], self: NodeName): readonly NodeName[] {
  return nodes.includes(self) ? [self, ...nodes.filter(node => node !== self)] : nodes;
}
