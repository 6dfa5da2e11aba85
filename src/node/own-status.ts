/** What a node tells of itself in its status, gathered from all its parts. Decides nothing. */
import type { Partition } from '../base/ids.ts';
import type { Member } from '../core/membership/cluster.ts';
import type { Membership } from '../membership/membership.ts';
import type { OwnStatus } from '../membership/overview.ts';
import type { Settlement } from '../membership/settlement.ts';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Upkeep } from '../repair/upkeep.ts';
import type { OpenReplica } from '../replica/opening.ts';
import type { Life } from './life.ts';

export interface OwnStatusParts {
  readonly self: Member;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly life: Life;
  readonly open: Pick<OpenReplica, 'segments' | 'hints' | 'recovering'>;
  readonly membership: Pick<Membership, 'cluster' | 'awaited'>;
  readonly settlement: Pick<Settlement, 'awaited'>;
  readonly upkeep: Pick<Upkeep, 'repairing' | 'refilling'>;
}

export function ownStatus(parts: OwnStatusParts): OwnStatus {
  const { self, clock, metrics, life, open, upkeep } = parts;
  const { segments, hints, recovering } = open;
  return {
    node: self.name,
    state: life.state,
    awaited: awaited(parts),
    recoveringPartitions: recovering.count,
    records: segments.records,
    hints: hints.count,
    hintsFor: hints.owed(clock.wall()),
    foreignRecords: foreignRecords(parts),
    repair: upkeep.repairing,
    refill: upkeep.refilling,
    counters: metrics.snapshot(),
  };
}

function foreignRecords({ self, open, membership }: OwnStatusParts): number {
  const primaries = membership.cluster?.ring.primaries;
  const isForeign = (index: Partition) => primaries?.[index]?.includes(self.name) === false;
  return open.segments.recordsWhere(isForeign);
}

/** Before the ring is known, members; then their word. */
function awaited({ life, membership, settlement }: OwnStatusParts): readonly string[] {
  const settling = life.serving === undefined && membership.cluster !== undefined;
  return settling ? settlement.awaited : membership.awaited;
}
