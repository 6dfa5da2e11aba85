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
  const up = selfFirst(list.primaries.filter(reachable), self);
  const down = list.primaries.filter(node => !reachable(node));
  // In the list's order, whoever coordinates: were it itself first, reads and writes through two nodes would
  // ask different stand-ins.
  const fallbacks = strict ? [] : list.fallbacks.filter(reachable);
  const standIns = fallbacks.slice(0, down.length);
  return {
    candidates: [
      ...up.map(node => ({ node, role: 'primary' as const, standsInFor: undefined })),
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

function selfFirst(nodes: readonly NodeName[], self: NodeName): readonly NodeName[] {
  return nodes.includes(self) ? [self, ...nodes.filter(node => node !== self)] : nodes;
}
