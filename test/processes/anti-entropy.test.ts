/**
 * With neither notes nor read repair, and though nobody reads: real nodes come together by their digests
 * alone (DESIGN §7, *Anti-entropy*).
 */
import { expect, test } from 'vitest';
import { clientOf } from './support/clients.ts';
import { fewAtOnce } from './support/few-at-once.ts';
import { liveCluster } from './support/live-cluster.ts';
import type { LiveNode } from './support/live-node.ts';
import { until } from './support/until.ts';

const KEYS = Array.from({ length: 400 }, (_, i) => `k${i}`);
const DELETED = KEYS.slice(0, 50);
const WRITTEN = KEYS.slice(50);

/** Since it was started last it has agreed with every other. */
async function agrees({ calls }: LiveNode): Promise<boolean> {
  const { repair } = await calls.status();
  return repair !== null && Number(repair.asked) > 0 && repair.agreed === repair.asked;
}

async function asked(node: LiveNode): Promise<void> {
  await node.calls.repair();
  await until('it agrees with both others', () => agrees(node));
}

test('a node that was killed, and once more in the midst of it, has all that it missed, deletes too', async () => {
  const cluster = await liveCluster({ more: ['--without', 'read-repair,hints'] });
  const [first, second, third] = cluster.nodes as [LiveNode, LiveNode, LiveNode];
  const bucket = clientOf(first).bucket('b');
  await fewAtOnce(KEYS, key => bucket.put(key, 'before', { w: 3 }));
  await third.kill();
  await fewAtOnce(DELETED, key => bucket.delete(key, { w: 2 }));
  await fewAtOnce(WRITTEN, key => bucket.put(key, `${key} is new`, { w: 2 }));
  await third.start();
  await third.calls.repair();
  await until('it has something', async () => (await third.calls.counter('repair.fetched')) > 0);
  await third.kill();
  await third.start();
  await asked(third);
  expect(await first.calls.counter('hint.written')).toBe(0);

  await Promise.all([first.kill(), second.kill()]);
  const alone = clientOf(third).bucket('b');
  const shown = await fewAtOnce(WRITTEN, key => alone.get(key, { r: 1 }));
  expect(shown.map(({ value }) => value)).toEqual(WRITTEN.map(key => `${key} is new`));
  const gone = await fewAtOnce(DELETED, key => alone.get(key, { r: 1 }));
  expect(gone.every(({ values }) => values.length === 0)).toBe(true);
});
