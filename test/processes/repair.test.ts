/** `shoal repair` itself, asking real nodes (DESIGN §7, *Anti-entropy*). */
import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { clientOf } from './support/clients.ts';
import { fewAtOnce } from './support/few-at-once.ts';
import { liveCluster } from './support/live-cluster.ts';
import type { LiveNode } from './support/live-node.ts';
import { shoal, startShoal } from './support/shoal.ts';
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
  await fewAtOnce(KEYS, key => bucket.put(key, 'v'));
  await until('n1 knows that n3 is down', async () => {
    const { repair: told } = await n1.calls.status();
    return told?.with.some(({ node, up }) => node === 'n3' && !up);
  });
  const vain = await repair(n1, '--wait', '--timeout', '1s');
  expect([vain.code, vain.out]).toEqual([1, '']);
  expect(vain.err).toMatch(
    /^shoal: n1 does not agree with n3 yet after 1\.0 s: n3 is down; start n3, or .*\n$/m,
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

test('Ctrl-C ends the waiting with a last word, and the process as it would have without', async () => {
  const cluster = await liveCluster({ more: ['--without', 'hints'] });
  const [n1, , n3] = cluster.nodes as [LiveNode, LiveNode, LiveNode];
  await n3.kill();
  const { listen } = n1.spec;
  const { child, printed, ended } = startShoal(['repair', '--wait', '--addr', listen]);
  await until('it waits', async () => printed.err.includes('n3 is down: waiting until it is back'));
  child.kill('SIGINT');
  const { out, err } = await ended;
  expect([out, child.signalCode]).toEqual(['', 'SIGINT']);
  expect(err).toContain(`the repair itself goes on; to see how far it is: shoal status --addr ${listen}\n`);
});

test('a node that hangs takes no more of the time than there is', async () => {
  const { nodes } = await liveCluster({ nodes: 1 });
  const [n1] = nodes as [LiveNode];
  n1.freeze();
  const { code, err } = await repair(n1, '--wait', '--timeout', '500ms');
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/^shoal: no answer from \S+ within 500 ms; whoever is there hangs/),
  ]);
});

test('a wiped node shows how it fills up, and the repair is over when it has', async () => {
  const cluster = await liveCluster({ more: ['--without', 'hints'] });
  const [n1, n2, n3] = cluster.nodes as [LiveNode, LiveNode, LiveNode];
  const bucket = clientOf(n1).bucket('b');
  await fewAtOnce(KEYS, key => bucket.put(key, 'v', { w: 3 }));
  await n2.kill();
  await n3.kill();
  await rm(n3.spec.data, { recursive: true });
  await n3.start();
  await until('n3 has what n1 has', async () => Number((await n3.calls.status()).refill?.records) >= 300);
  const vain = await repair(n3, '--wait', '--timeout', '1s', '-o', 'json');
  expect(vain.code).toBe(1);
  expect(JSON.parse(vain.out)).toMatchObject({ recoveringPartitions: 256 });
  expect(vain.err).toMatch(/: n2 is down; 256 partitions of n3 are still recovering; start n2, or/);
  const { out } = await shoal(['status', '--addr', n3.spec.listen]);
  expect(out).toMatch(/^node +n3, RECOVERING: 256 partitions left, 300 records .*, waits for n2; it counts/);

  const { printed, ended } = startShoal(['repair', '--wait', '--addr', n3.spec.listen]);
  await until('it waits', async () => printed.err.includes('n2 is down: waiting until it is back'));
  await n2.start();
  expect((await ended).out).toMatch(
    /^n3 and its peers agree after \S+ m?s: 256 partitions recovered, 300 records brought/,
  );
});

test('a usage error is told as one, and nobody is asked', async () => {
  const { code, out, err } = await shoal(['repair', '--timeout', '1s', '--addr', '127.0.0.1:1']);
  expect([code, out]).toEqual([2, '']);
  expect(err).toBe("shoal: option '--timeout' needs '--wait'; see --help\n");
});
