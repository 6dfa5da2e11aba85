/** What a client is told of replicas that are missing from its quorum. */
import { describe, expect, it } from 'vitest';
import { nodeName } from '../../src/base/ids.ts';
import { Missing } from '../../src/coordinator/missing.ts';
import { ReplicaFailed } from '../../src/ports/replica.ts';
import { TestCluster } from '../support/cluster.ts';
import { TestKey } from '../support/cluster-disks.ts';

const N2 = nodeName('n2');
const MEBIBYTE = 'x'.repeat(1_048_576);

describe('a reason', () => {
  it.each([
    ['not sent', 'connect ECONNREFUSED 10.0.0.2:7002', ' (n2: cannot be reached)'],
    ['lost', 'Deadline exceeded after 0.3s', ' (n2: has not answered in time)'],
    ['refused', 'the row is damaged here', ' (n2: refused: the row is damaged here)'],
  ] as const)(
    'of a replica that failed (%s) is told in our own words, but for its no',
    (failure, words, text) => {
      const missing = new Missing([]);
      missing.failed(N2, new ReplicaFailed(failure, words));
      expect(missing.toText()).toBe(text);
    },
  );

  it.each([
    ['a peer', new ReplicaFailed('refused', MEBIBYTE)],
    ['whatever else', new Error(MEBIBYTE)],
  ])('of a mebibyte from %s is cut to a line', (_, error) => {
    const missing = new Missing([]);
    missing.failed(N2, error);
    const told = missing.toText();
    expect(told).toMatch(/^ \(n2: .+x…\)$/);
    expect(told).toHaveLength(' (n2: )'.length + 200);
  });
});

it('a primary that is down is named, also if it had a stand-in, which failed in its turn', async () => {
  const cluster = await TestCluster.serving(5);
  const key = new TestKey(cluster);
  const [a, , c] = key.primaries as [string, string, string];
  const [d, e] = key.fallbacks as [string, string];
  cluster.stop(c);
  await cluster.knownDown(c);
  for (const standIn of [d, e]) cluster.cut(a, standIn);
  const read = key.get(a, { r: 3 });
  await expect(read).rejects.toMatchObject({ reason: 'QUORUM_UNREACHABLE', facts: { reachable: '2' } });
  const { detail } = await read.catch(error => error);
  expect(detail).toContain(`${c}: does not answer`);
  expect(detail).toContain(`${d}: cannot be reached`);
});

it('a replica that still could answer is counted so, and not named among the reasons', async () => {
  const cluster = await TestCluster.serving(3);
  const key = new TestKey(cluster);
  await key.put('n2', 'v', { w: 3 });
  key.damage('n1');
  cluster.pause('n3');
  await expect(key.get('n2', { r: 3, strict: true })).rejects.toMatchObject({
    detail: expect.stringMatching(/^2 of 3 replicas could answer in time \(n1: refused: [^;]+\);/),
  });
});
