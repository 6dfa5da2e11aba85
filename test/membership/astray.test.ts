/** What a tired operator does to a node's flags, and what must not come of it. */
import { describe, expect, test } from 'vitest';
import { Town } from './support/town.ts';

describe('a node that is given no flag either way', () => {
  test('founds a cluster of one, but listens first', async () => {
    const town = new Town();
    const alone = await town.start('n1');
    await town.clock.pass(1_000);
    expect([alone.serves, alone.awaited]).toEqual([
      false,
      'a word from a cluster that may count this node as its member',
    ]);
    await town.allServe([alone]);
    expect(alone.status.cluster?.ring.members).toHaveLength(1);
  });

  test('founds it at once when it is told to', async () => {
    const town = new Town();
    const alone = await town.start('n1', { expect: 1 });
    await town.clock.pass(100);
    expect(alone.serves).toBe(true);
  });

  test('and whose disk was lost takes its old place: its cluster greets it before it founds another', async () => {
    const town = new Town();
    const [n1, n2, n3] = await town.cluster(3);
    await town.put(n1!, { w: 3 });
    n3!.kill();
    const wiped = await town.start('n3');
    await town.allServe([wiped]);
    expect(wiped.clusterId).toBe(n2!.clusterId);
    expect(wiped.said).toMatch(/its disk does not know the cluster: recovering/);
    await town.until(
      () => wiped.status.recoveringPartitions === 0,
      () => wiped.awaited,
    );
  });
});

describe('a member of a cluster of several', () => {
  test('starts though another cluster answers at a --join address, if its own does too', async () => {
    const town = new Town();
    const [, n2] = await town.cluster(3);
    const stray = await town.start('m9', { expect: 1 });
    await town.allServe([stray]);
    const again = await town.start('n2', { disk: await town.close(n2!), join: ['n1:7', 'm9:7'] });
    await town.allServe([again]);
    expect(again.refused).toBeUndefined();
    expect(again.said).toMatch(/but m9:7 to cluster/);
  });

  test('keeps the zone it was born with, says so, and shows it', async () => {
    const town = new Town();
    const [, n2] = await town.cluster(3);
    const again = await town.start('n2', { disk: await town.close(n2!), zone: 'elsewhere' });
    await town.allServe([again]);
    expect(again.said).toMatch(/zone or weight given now has no effect/);
    expect(again.status.members.map(({ zone }) => zone)).toEqual(['', '', '']);
  });
});
