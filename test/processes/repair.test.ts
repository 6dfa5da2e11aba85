/** `shoal repair` itself, asking real nodes (DESIGN §7, *Anti-entropy*). */
import { expect, test } from 'vitest';
import { clientOf } from './support/clients.ts';
import { liveCluster } from './support/live-cluster.ts';
import type { LiveNode } from './support/live-node.ts';
import { shoal } from './support/shoal.ts';
import { until } from './support/until.ts';

const KEYS = Array.from({ length: 300 }, (_, i) => `k${i}`);

const repair = (node: LiveNode, ...args: string[]) => shoal(['repair', ...args, '--addr', node.spec.listen]);

test('what a node has missed it has when the command ends, though nobody noted or read it; while it is gone the command says who is awaited', async () => {
  const cluster = await liveCluster({ more: ['--without', 'read-repair,hints'] });
  const [n1, , n3] = cluster.nodes as [LiveNode, LiveNode, LiveNode];
  expect((await repair(n1)).out).toMatch(/^n1 compares with n2, n3 now, and mends what differs\./);
  const idle = await repair(n1, '--wait');
  expect(idle).toMatchObject({ code: 0, err: '' });
  expect(idle.out).toMatch(/^n1 and its peers agree after \S+ m?s: n1 itself had nothing to bring\n$/);

  await n3.kill();
  const bucket = clientOf(n1).bucket('b');
  await Promise.all(KEYS.map(key => bucket.put(key, 'v')));
  await until('n1 knows that n3 is down', async () => {
    const { repair: told } = await n1.calls.status();
    return told?.with.some(({ node, up }) => node === 'n3' && !up);
  });
  const vain = await repair(n1, '--wait', '--timeout', '1s');
  expect([vain.code, vain.out]).toEqual([1, '']);
  expect(vain.err).toMatch(
    /^shoal: n1 does not agree with n3 yet after 1\.0 s: n3 is down; start it, or .*\n$/m,
  );

  const waits = repair(n1, '--wait');
  await n3.start();
  expect(await waits).toMatchObject({ code: 0, out: expect.stringMatching(/^n1 and its peers agree after/) });
  const { code, out } = await repair(n3, '--wait', '-o', 'json');
  const { asked, agreed, with: others } = JSON.parse(out);
  expect([code, agreed]).toEqual([0, asked]);
  expect(others).toMatchObject([
    { node: 'n1', up: true },
    { node: 'n2', up: true },
  ]);
  expect(Number((await n3.calls.status()).records)).toBe(KEYS.length);
});

test('a usage error is told as one, and nobody is asked', async () => {
  const { code, out, err } = await shoal(['repair', '--timeout', '1s', '--addr', '127.0.0.1:1']);
  expect([code, out]).toEqual([2, '']);
  expect(err).toBe("shoal: option '--timeout' needs '--wait'; see --help\n");
});
