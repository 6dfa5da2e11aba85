/**
 * Brings the replicas of the core together by reading, at all its owners that are there, every key on which
 * they do not agree: what handoff owes nobody (oracles/deliveries.ts) nothing else brings, until trees are
 * compared. Whether what they agree on is right is the oracles' to say.
 */
import type { SimClient } from './client.ts';
import type { SimCluster } from './cluster.ts';
import type { Operation } from './history.ts';
import { Violation } from './oracle.ts';

export interface AgreementParts {
  readonly cluster: SimCluster;
  readonly auditor: SimClient;
  /** Lets time pass until it is there. */
  readonly done: (asked: Promise<Operation>) => Promise<Operation>;
  readonly pass: (ms: number) => Promise<unknown>;
}

/** Each key must agree at its owners within this. */
const AGREEING_MS_MAX = 30_000;
const AGAIN_MS = 500;

/** Rejects with Violation L1. */
export async function bringTogether(parts: AgreementParts): Promise<void> {
  const { cluster } = parts;
  const apart = cluster.keys.filter(key => !areTogether(key, cluster));
  cluster.reached.count('agreed: by handoff alone', cluster.keys.length - apart.length);
  cluster.reached.count('agreed: only by a read', apart.length);
  await readAll(apart, parts);
}

/** Reads each of these keys until its owners agree. Rejects with Violation L1. */
export async function readAll(keys: readonly string[], parts: AgreementParts): Promise<void> {
  const { cluster, pass } = parts;
  for (const key of keys) {
    const until = cluster.now + AGREEING_MS_MAX;
    while (!(await agree(key, parts))) {
      if (cluster.now > until) throw new Violation('L1', `${key} does not come together in time`, { key });
      await pass(AGAIN_MS);
    }
  }
}

/** Whether a read through the core met all owners of this key that are in it, and left nothing to repair. */
async function agree(key: string, { cluster, auditor, done }: AgreementParts): Promise<boolean> {
  const owners = cluster.primaries(key).filter(node => cluster.core.includes(node));
  const whole = owners.filter(node => cluster.isWhole(node, key));
  // Whoever knows what was written is an outcast, and nobody else says so.
  if (whole.length === 0 || cannotMend(owners, { key, cluster })) return true;
  for (const strict of [true, false]) {
    const quorum = strict ? whole.length : owners.length;
    const read = await done(auditor.get({ key, strict, quorum, at: owners[0] }));
    if (read.reply === undefined || read.reply.replicas.unrepaired > 0) return false;
  }
  return haveTheSame(owners, { key, cluster });
}

/** All its owners in the core are, and none of them has lost something of it. */
function areTogether(key: string, cluster: SimCluster): boolean {
  const owners = cluster.primaries(key).filter(node => cluster.core.includes(node));
  return owners.every(node => cluster.isWhole(node, key)) && haveTheSame(owners, { key, cluster });
}

function haveTheSame(owners: readonly string[], { key, cluster }: Of): boolean {
  return new Set(owners.map(node => digestAt(node, { key, cluster }))).size <= 1;
}

interface Of {
  readonly key: string;
  readonly cluster: SimCluster;
}

/** A row is damaged, and no owner in the core has a sound one. */
function cannotMend(owners: readonly string[], { key, cluster }: Of): boolean {
  const rows = owners.map(node => cluster.row(node, key));
  return rows.includes('damaged') && rows.every(row => row === 'damaged' || row === undefined);
}

function digestAt(node: string, { key, cluster }: Of): string {
  const row = cluster.row(node, key);
  if (row === undefined || row === 'damaged') return String(row);
  return Buffer.from(row.sealed.digest).toString('hex');
}
