/**
 * When the core has converged every key is read once, strictly, at all its owners in the core that count:
 * they must answer in time. That there is nothing to repair any more, and that what is shown is what was
 * promised, is the oracles' to say.
 */
import type { SimClient } from './client.ts';
import type { SimCluster } from './cluster.ts';
import type { Operation } from './history.ts';
import { Violation } from './oracle.ts';

export interface AuditParts {
  readonly cluster: SimCluster;
  readonly auditor: SimClient;
  /** Lets time pass until it is there. */
  readonly done: (asked: Promise<Operation>) => Promise<Operation>;
  readonly pass: (ms: number) => Promise<unknown>;
}

const ANSWERING_MS_MAX = 30_000;
const AGAIN_MS = 500;

/** Rejects with Violation L1. */
export async function readAll({ cluster, auditor, done, pass }: AuditParts): Promise<void> {
  for (const key of cluster.keys) {
    const [at, ...others] = wholeOwners(key, cluster);
    if (at === undefined) continue;
    const until = cluster.now + ANSWERING_MS_MAX;
    const read = () => done(auditor.get({ key, strict: true, quorum: 1 + others.length, at }));
    while ((await read()).reply === undefined) {
      if (cluster.now > until) throw new Violation('L1', `${key} cannot be read in time`, { key });
      await pass(AGAIN_MS);
    }
  }
}

function wholeOwners(key: string, cluster: SimCluster): readonly string[] {
  return cluster.primaries(key).filter(node => cluster.core.includes(node) && cluster.isWhole(node, key));
}
