/**
 * What an operator sees of a cluster of which one node is gone, or hangs: `shoal status` itself, asking real
 * nodes.
 */
import { expect, test } from 'vitest';
import { clientOf } from './support/clients.ts';
import { liveCluster } from './support/live-cluster.ts';
import type { LiveNode } from './support/live-node.ts';
import { shoal } from './support/shoal.ts';
import { until } from './support/until.ts';

const KEYS = Array.from({ length: 20 }, (_, index) => `key-${index}`);

async function pageOf({ spec }: LiveNode): Promise<string> {
  const { code, out, err } = await shoal(['status', '--addr', spec.listen]);
  expect([code, err]).toEqual([0, '']);
  return out;
}

/** The first page that shows this. */
function pageWith(shown: string | RegExp, node: LiveNode): Promise<string> {
  return until(`the page shows ${shown}`, async () => {
    const page = await pageOf(node);
    if (page.match(shown) === null) throw new Error(page);
    return page;
  });
}

/** By member, what stands in the column STATE. */
function statesIn(page: string): Record<string, string> {
  const rows = page.split('\n').map(line => line.split(/ {2,}/));
  return Object.fromEntries(rows.filter(([name = '']) => /^n\d$/.test(name)).map(row => [row[0], row[1]]));
}

const ALL_UP = { n1: 'up (this node)', n2: 'up', n3: 'up' };

test('of three nodes one is killed: the page names it, says what it has missed and who keeps that, and forgets it when the node is back and has it', async () => {
  const cluster = await liveCluster();
  const [n1, n2, n3] = cluster.nodes;
  const healthy = await pageWith('all up', n1!);
  expect(statesIn(healthy)).toEqual(ALL_UP);
  expect(healthy).toMatch(/^hints +none$/m);
  expect(healthy).not.toMatch(/^(silent|foreign)/m);

  await n2!.kill();
  const bucket = clientOf(n1!, n3!).bucket('b');
  await Promise.all(KEYS.map(key => bucket.put(key, 'v')));
  const page = await pageWith('1 DOWN: n2', n1!);
  expect(statesIn(page)).toEqual({ ...ALL_UP, n2: 'DOWN' });
  expect(statesIn(await pageOf(n3!))).toEqual({ n1: 'up', n2: 'DOWN', n3: 'up (this node)' });
  expect(page).toContain(`silent   n2: nobody listens at ${n2!.spec.listen}\n`);
  const hints =
    /^hints +(\d+) for n2, the oldest (.+) old, at n[13]( \(\d+\), n3 \(\d+\))?: n2 gets them when it is back$/m;
  const [, count, age] = hints.exec(page) ?? [];
  expect(Number(count)).toBeGreaterThanOrEqual(KEYS.length);
  expect(age).toMatch(/^(less than 1|\d+) s$/);

  await n2!.start();
  const well = await pageWith(/all up[\s\S]*^hints +none$/m, n1!);
  expect(statesIn(well)).toEqual(ALL_UP);
});

test('one hangs: the page does not wait for it', async () => {
  const cluster = await liveCluster();
  const [n1, n2] = cluster.nodes;
  n2!.freeze();
  expect(await pageOf(n1!)).toContain(`silent   n2: no answer from ${n2!.spec.listen} within 500 ms\n`);
  expect(statesIn(await pageWith('1 DOWN: n2', n1!))).toEqual({ ...ALL_UP, n2: 'DOWN' });
  n2!.thaw();
  expect(statesIn(await pageWith('all up', n1!))).toEqual(ALL_UP);
});

test('as JSON, of all: each node by its name, with what it counted', async () => {
  const cluster = await liveCluster();
  const [n1, n2] = cluster.nodes;
  await clientOf(n1!).bucket('b').put('k', 'v');
  await n2!.kill();
  const { code, out } = await shoal(['status', '--addr', n1!.spec.listen, '-o', 'json', '--all']);
  expect(code).toBe(0);
  const all = JSON.parse(out);
  expect(all).toMatchObject({ n1: { node: 'n1', state: 'serving' }, n2: null, n3: { node: 'n3' } });
  expect(Number(all.n1.counters['commit.batches'])).toBeGreaterThan(0);
});
