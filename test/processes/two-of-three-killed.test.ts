/**
 * Two of three nodes are killed: what needs a quorum is refused with a reason that programs can read, from
 * the status details of a real call through the SDK (DESIGN §9). What was refused as "not applied" does not
 * appear later.
 */
import { ShoalError } from 'shoal';
import { expect, test } from 'vitest';
import type { Calls } from './support/calls.ts';
import { clientOf, failureOf } from './support/clients.ts';
import { liveCluster } from './support/live-cluster.ts';
import { until } from './support/until.ts';

/**
 * Puts once and again until the links to the dead are known to be down; what is refused before then may have
 * been applied.
 */
async function untilKnown(calls: Calls): Promise<void> {
  await until('the links are known to be down', async () => {
    const put = { bucket: 'b', key: 'doubtful', value: { text: 'v' }, strict: true };
    const { reason, outcome } = (await failureOf(calls.put(put))) as ShoalError;
    if (reason === 'QUORUM_UNREACHABLE') return true;
    expect({ reason, outcome }).toEqual({ reason: 'OUTCOME_UNKNOWN', outcome: 'unknown' });
    return false;
  });
}

test('strict and sloppy quorums are refused with reason and outcome, one replica still answers, and all is well when they are back', async () => {
  const cluster = await liveCluster();
  const [survivor, ...others] = cluster.nodes;
  const bucket = clientOf(survivor!).bucket('b');
  await bucket.put('k', 'before');
  await Promise.all(others.map(node => node.kill()));
  await untilKnown(survivor!.calls);

  const refused = [true, false].flatMap(strict => [
    bucket.put('k', 'refused', { strict }),
    bucket.delete('k', { strict }),
    bucket.get('k', { strict }),
  ]);
  for (const failure of await Promise.all(refused.map(failureOf))) {
    expect(failure).toBeInstanceOf(ShoalError);
    const facts = { required: '2', reachable: '1' };
    expect(failure).toMatchObject({ reason: 'QUORUM_UNREACHABLE', outcome: 'not applied', facts });
  }
  await bucket.put('one', 'is enough', { w: 1 });
  expect((await bucket.get('one', { r: 1 })).value).toBe('is enough');

  await Promise.all(others.map(node => node.start()));
  for (const node of cluster.nodes) {
    const back = clientOf(node).bucket('b');
    expect((await back.get('k', { r: 3, strict: true })).values).toEqual(['before']);
    expect((await back.get('one', { r: 3, strict: true })).values).toEqual(['is enough']);
  }
});

test('with five nodes the two left of a key take it with fallbacks, which a strict quorum does not count', async () => {
  const cluster = await liveCluster({ nodes: 5 });
  const { primaries } = await cluster.calls('n1').locate({ bucket: 'b', key: 'k' });
  const [left, ...dead] = primaries.map(({ name }) => cluster.node(name));
  const bucket = clientOf(...cluster.nodes.filter(node => !dead.includes(node))).bucket('b');
  await Promise.all(dead.map(node => node.kill()));
  const { replicas } = await bucket.put('k', 'v');
  expect(replicas.fallback).toBeGreaterThanOrEqual(1);
  expect((await bucket.get('k')).value).toBe('v');
  const strictly = left!.calls.get({ bucket: 'b', key: 'k', strict: true });
  await expect(strictly).rejects.toMatchObject({ reason: 'QUORUM_UNREACHABLE', outcome: 'not applied' });
});
