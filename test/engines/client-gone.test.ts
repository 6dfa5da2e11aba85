/** A write that has begun does not stop half-way because its client is gone, or was told already. */
import { expect, it } from 'vitest';
import type { Call } from '../../src/ports/call.ts';
import { ReplicaFailed } from '../../src/ports/replica.ts';
import { TestCluster } from '../support/cluster.ts';
import { TestKey } from '../support/cluster-disks.ts';

/** What waits there longer than its sender, or what its sender gives up, is never done, as at a real door. */
function slow(cluster: TestCluster, name: string): { calls: Call[]; goOn: () => void } {
  const { replica } = cluster.node(name);
  const apply = replica.apply.bind(replica);
  const calls: Call[] = [];
  let goOn = () => {};
  const released = new Promise<void>(resolve => {
    goOn = resolve;
  });
  replica.apply = async (request, call) => {
    calls.push(call);
    await released;
    if (call.cancelled) throw new ReplicaFailed('lost', 'it was given up');
    return await apply(request, call);
  };
  return { calls, goOn };
}

it('a put that was answered by two reaches the third, slow one, without a cancel and without a hint', async () => {
  const cluster = await TestCluster.serving(3);
  const key = new TestKey(cluster);
  const { calls, goOn } = slow(cluster, 'n3');
  const call = cluster.callFor(1_000);
  await cluster.done(key.putNow('n1', 'v', { w: 2, call }));
  call.cancelled = true;
  goOn();
  await cluster.clock.pass(1_000);
  expect(calls).toEqual([{ deadline: call.deadline, cancelled: false }]);
  expect(key.digests().size).toBe(3);
  expect(await key.hints('n1')).toEqual([]);
});
