/**
 * Whether this node may found a cluster, and of how many (DESIGN §5). A store with records belongs to a
 * cluster, whatever has become of the file that named it: its node may rejoin that, but founds no other. How
 * a cluster is born is not decided here (membership/birth).
 */
import { StartUpError } from '../base/errors.ts';
import type { Remembered } from '../membership/cluster-file.ts';
import type { NodeOptions } from './options.ts';

const REPLICATION_DEFAULT = 3;

export interface Founding {
  /** Undefined: it only joins. */
  readonly expect: number | undefined;
  /** A cluster of one is founded because nobody said otherwise. */
  readonly byDefault: boolean;
  /** N. */
  readonly replication: number;
}

export function foundingOf(
  { join, expect, replication = REPLICATION_DEFAULT }: NodeOptions,
  { holdsRecords }: { readonly holdsRecords: boolean },
): Founding {
  const byDefault = expect === undefined && join.length === 0;
  const wanted = byDefault ? 1 : expect;
  return { expect: holdsRecords ? undefined : wanted, byDefault, replication };
}

/** Why a node that has forgotten its cluster cannot begin; undefined if it can. */
export function forgottenCluster(
  { join }: NodeOptions,
  { remembered, holdsRecords }: { readonly remembered: Remembered; readonly holdsRecords: boolean },
): StartUpError | undefined {
  if (!holdsRecords || remembered.cluster !== undefined || join.length > 0) return undefined;
  return new StartUpError('the store holds records, but the file that names its cluster is gone', {
    advice: 'start with --join and the peer address of another member; the node fills up from its peers',
  });
}
