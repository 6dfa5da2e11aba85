/**
 * Why a node that is waited for does not agree yet, as far as the nodes themselves tell: the one that was
 * asked for the repair, and those that it compares with, which were asked for their status. Pure.
 */
import type { ClusterStatus, RepairWith } from '../../client/index.ts';

/**
 * `down`: it cannot be asked. `disk failed`: it takes nothing in. `at work`: partitions are being gone
 * through. `filling here`: the node that was asked recovers, and compares when that is done. `filling there`:
 * the other does. `another first`: the two leave out what one of them is at with a third. `not begun`.
 * `comparing`. `apart`: they have been at it for long, and nothing that is told says why.
 */
export type Reason =
  | 'down'
  | 'disk failed'
  | 'at work'
  | 'filling here'
  | 'filling there'
  | 'another first'
  | 'not begun'
  | 'comparing'
  | 'apart';

export interface HoldUp {
  readonly node: string;
  readonly reason: Reason;
  /** Left to be gone through, or to be filled there; 0 for any other reason. */
  readonly partitions: number;
  /** Who comes first; empty for any other reason. */
  readonly first: string;
}

/** Two looks at some hundred partitions take less. */
const COMPARING_MS_MAX = 3_000;

export interface Scene {
  /** Of the node that was asked for the repair. */
  readonly status: ClusterStatus;
  /** Those that are waited for. */
  readonly awaited: readonly RepairWith[];
  /** Of others, as they told last, by name. */
  readonly peers: ReadonlyMap<string, ClusterStatus>;
}

export function holdUps(scene: Scene): readonly HoldUp[] {
  return scene.awaited.map(other => {
    const none = { node: other.node, partitions: 0, first: '' };
    return { ...none, ...holdUp(other, scene) };
  });
}

function holdUp(
  { node, up, partitionsLeft, tookMs }: RepairWith,
  { status, awaited, peers }: Scene,
): Partial<HoldUp> & Pick<HoldUp, 'reason'> {
  const { state, recoveringPartitions = 0 } = peers.get(node) ?? {};
  if (!up) return { reason: 'down' };
  if (state === 'storage-faulted') return { reason: 'disk failed' };
  if (partitionsLeft > 0) return { reason: 'at work', partitions: partitionsLeft };
  if (status.recoveringPartitions > 0) return { reason: 'filling here' };
  if (recoveringPartitions > 0) return { reason: 'filling there', partitions: recoveringPartitions };
  const first = awaited.find(third => third.up && third.partitionsLeft > 0);
  if (first !== undefined) return { reason: 'another first', first: first.node };
  if (tookMs === 0) return { reason: 'not begun' };
  return { reason: tookMs > COMPARING_MS_MAX ? 'apart' : 'comparing' };
}
