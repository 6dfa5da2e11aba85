/**
 * From a ring that is known to the first answer. Decides only the order: nothing is answered before the
 * incarnation is settled and the other members were asked whether they are there, and nothing at all by a
 * node that was refused meanwhile, or is told to end. What each step finds is decided by whoever takes it.
 */
import { StartUpError } from '../base/errors.ts';
import type { Cluster, Member } from '../core/membership/cluster.ts';
import type { Ring } from '../core/ring/ring.ts';
import type { Membership } from '../membership/membership.ts';
import type { Settlement } from '../membership/settlement.ts';
import type { Log } from '../ports/log.ts';
import type { Upkeep } from '../repair/upkeep.ts';
import type { OpenReplica } from '../replica/opening.ts';
import type { Life } from './life.ts';

export interface StartUpParts {
  readonly self: Member;
  readonly log: Log;
  readonly life: Life;
  readonly settlement: Settlement;
  readonly membership: Membership;
  readonly upkeep: Upkeep;
  readonly open: Pick<OpenReplica, 'segments' | 'replica'>;
  readonly onServing: (cluster: Cluster) => void;
}

/** Resolves when the node serves, or will not. */
export async function startUp(cluster: Cluster, parts: StartUpParts): Promise<void> {
  const { life, settlement, membership, upkeep } = parts;
  await settlement.settle(cluster.ring);
  await membership.greetAll();
  membership.checkJoined();
  if (life.isOver) return;
  tellOddities(cluster.ring, parts);
  life.serve(cluster);
  membership.serving();
  parts.onServing(cluster);
  upkeep.start(cluster.ring);
  await recountDoubtful(parts);
}

/** What went wrong on the way, as the reason why this node does not serve. */
export function startUpError(error: unknown): StartUpError {
  return error instanceof StartUpError
    ? error
    : new StartUpError('the node could not begin to serve', { advice: String(error), cause: error });
}

/** Zone and weight are the ring's since its birth: what the flags say differently has no effect. */
function tellOddities({ members }: Ring, { self, log, membership }: StartUpParts): void {
  const born = members.find(({ name }) => name === self.name);
  if (born !== undefined && (born.zone !== self.zone || born.weight !== self.weight))
    log.warn('the zone or weight given now has no effect: the ring was born with others', {
      bornZone: born.zone,
      bornWeight: born.weight,
    });
  if (membership.isUnvouched)
    log.warn('no other member answers: until one does, this node counts in no strict read');
}

async function recountDoubtful({ open: { segments, replica } }: StartUpParts): Promise<void> {
  await Promise.all(segments.doubtful().map(place => replica.recount(place).catch(() => false)));
}
