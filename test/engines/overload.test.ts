/**
 * Overload is not down: what a coordinator does when replicas have too much to do, or one is slow, must not
 * make more to do (TRAPS O2).
 */
import { describe, expect, it } from 'vitest';
import { nodeName } from '../../src/base/ids.ts';
import { Pace } from '../../src/coordinator/pace.ts';
import type { Candidate } from '../../src/core/quorum/candidates.ts';
import { ReplicaFailed } from '../../src/ports/replica.ts';
import { TestCluster } from '../support/cluster.ts';
import { TestKey } from '../support/cluster-disks.ts';

async function keyOfFive(): Promise<TestKey> {
  return new TestKey(await TestCluster.apart(5));
}

/** From now on they refuse to store anything: they have too much to do. */
function overload({ cluster }: TestKey, names: readonly string[]): void {
  const refuse = () => Promise.reject(new ReplicaFailed('overloaded', 'too much to do'));
  for (const name of names) Object.assign(cluster.node(name).replica, { apply: refuse });
}

const applied = ({ cluster }: TestKey) =>
  cluster.calls.filter(({ what }) => what === 'apply').map(({ to }) => to);

describe('a write that a replica refuses for overload', () => {
  it('is met by the others: nobody stands in, and the replica is left a hint', async () => {
    const key = await keyOfFive();
    const [a, b, c] = key.primaries as [string, string, string];
    overload(key, [b]);
    expect(await key.put(a, 'v', { w: 2 })).toMatchObject({ replicas: { answered: 2, fallback: 0 } });
    await key.cluster.clock.pass(3_000);
    expect(applied(key).toSorted()).toEqual([b, c].toSorted());
    expect(await key.hints(a)).toEqual([b]);
    expect(key.cluster.sees(a, b)).toBe(true);
  });

  it('is given to a stand-in where W cannot be met without', async () => {
    const key = await keyOfFive();
    const [a, b, c] = key.primaries as [string, string, string];
    overload(key, [b, c]);
    expect(await key.put(a, 'v', { w: 2 })).toMatchObject({ replicas: { answered: 2, fallback: 1 } });
    expect(applied(key)).toHaveLength(3);
  });

  it('leaves no hint when nobody has acknowledged it, and does not wait for its deadline', async () => {
    const key = await keyOfFive();
    const [a] = key.primaries as [string];
    const others = key.cluster.names.filter(name => name !== a);
    overload(key, others);
    const { clock } = key.cluster;
    const asked = clock.now();
    await expect(key.put(a, 'v', { w: 2 })).rejects.toMatchObject({
      reason: 'OUTCOME_UNKNOWN',
      outcome: 'unknown',
    });
    expect(clock.now() - asked).toBeLessThan(100);
    await clock.pass(3_000);
    expect(await key.hints(a)).toEqual([]);
  });
});

const primary = (name: string): Candidate => ({
  node: nodeName(name),
  role: 'primary',
  standsInFor: undefined,
});
const fallback = (name: string): Candidate => ({
  node: nodeName(name),
  role: 'fallback',
  standsInFor: undefined,
});

/** How long each of these usually takes. */
function paceOf(usualMs: Readonly<Record<string, number>>): Pace {
  const pace = new Pace();
  for (let i = 0; i < 200; i++)
    for (const [name, ms] of Object.entries(usualMs)) pace.note(nodeName(name), ms);
  return pace;
}

const names = (candidates: readonly Candidate[]) => candidates.map(({ node }) => node).join(' ');

describe('whom a read asks', () => {
  const all = [primary('n1'), primary('n2'), primary('n3'), fallback('n4')];

  it.each([
    ['when all are alike', { n2: 5, n3: 6 }, 'n1 n2 n3 n4'],
    ['when one is slow, but not by much', { n2: 20, n3: 5 }, 'n1 n2 n3 n4'],
    ['when one is slow', { n2: 200, n3: 5 }, 'n1 n3 n2 n4'],
    ['when everybody is', { n2: 200, n3: 250 }, 'n1 n2 n3 n4'],
    ['when a stand-in is', { n3: 5, n4: 200 }, 'n1 n2 n3 n4'],
  ])('%s', (_, usualMs, order) => {
    expect(names(paceOf(usualMs).order(all))).toBe(order);
  });

  it('is a slow one now and then, to find out whether it still is', () => {
    const pace = paceOf({ n2: 200, n3: 5 });
    const orders = Array.from({ length: 512 }, () => names(pace.order(all)));
    expect(orders.filter(order => order === 'n1 n2 n3 n4')).toHaveLength(2);
    for (let i = 0; i < 1_000; i++) pace.note(nodeName('n2'), 5);
    expect(names(pace.order(all))).toBe('n1 n2 n3 n4');
  });

  it('is hedged by what the others take, if it is slow', () => {
    const pace = paceOf({ n2: 200, n3: 5 });
    expect(pace.hedgeMs(nodeName('n2'), 10_000)).toBeLessThan(30);
    expect(pace.suspectMs(nodeName('n2'), 10_000)).toBeGreaterThan(500);
  });
});
