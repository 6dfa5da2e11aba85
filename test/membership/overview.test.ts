/** What a node tells of the members as it sees them. */
import { expect, test } from 'vitest';
import { PARTITIONS } from '../../src/core/ring/placement.ts';
import { type Process, Town } from './support/town.ts';

const seenBy = (node: Process, name: string) => node.status.members.find(member => member.name === name)!;

test('members that answer are alive, heard just now, and would be asked', async () => {
  const town = new Town();
  const [n1] = await town.cluster(3);
  await town.clock.pass(5_000);
  expect(seenBy(n1!, 'n1')).toMatchObject({ up: true, state: 'alive', silentMs: 0, partitions: PARTITIONS });
  expect(seenBy(n1!, 'n2')).toMatchObject({ up: true, state: 'alive' });
  expect(seenBy(n1!, 'n2').silentMs).toBeLessThan(1_500);
});

test('one that is gone is down, and its silence grows', async () => {
  const town = new Town();
  const [n1, n2] = await town.cluster(3);
  n2!.kill();
  await town.clock.pass(20_000);
  const { silentMs, ...rest } = seenBy(n1!, 'n2');
  expect(rest).toMatchObject({ up: false, state: 'down' });
  expect(Math.abs(silentMs - 20_000)).toBeLessThan(1_000);
  await town.clock.pass(5_000);
  expect(seenBy(n1!, 'n2').silentMs - silentMs).toBe(5_000);
});

test('a node that starts alone takes nobody for alive, and they are silent since its start', async () => {
  const town = new Town();
  const [n1, n2, n3] = await town.cluster(3);
  await town.clock.pass(20_000);
  const disk = n1!.kill();
  for (const node of [n2!, n3!]) node.kill();
  const again = await town.start('n1', { disk });
  await town.clock.pass(10_000);
  const { up, state, silentMs } = seenBy(again, 'n2');
  expect(up).toBe(false);
  expect(['unknown', 'down']).toContain(state);
  expect(silentMs).toBe(10_000);
});
