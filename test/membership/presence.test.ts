/** What the operator hears of members that come and go. */
import { expect, test } from 'vitest';
import { type Process, Town } from './support/town.ts';

const toldBy = (node: Process) =>
  node.log.lines
    .filter(({ event }) => event.startsWith('a member '))
    .map(({ event, facts }) => ({ event, ...facts }));

test('a founding, and the first meetings in it, are no news of who answers', async () => {
  const town = new Town();
  const nodes = await town.cluster(3);
  await town.clock.pass(10_000);
  for (const node of nodes) expect(toldBy(node)).toEqual([]);
});

test('a member that stops answering is told of once, and once more when it answers again', async () => {
  const town = new Town();
  const [n1, , n3] = await town.cluster(3);
  n3!.state = 'paused';
  await town.clock.pass(20_000);
  const silent = { event: 'a member does not answer', node: 'n3', silentMs: expect.any(Number) };
  expect(toldBy(n1!)).toEqual([silent]);
  expect(toldBy(n1!)[0]).toMatchObject({ silentMs: expect.toSatisfy(ms => ms > 1_500 && ms < 3_000) });
  n3!.state = 'up';
  await town.clock.pass(20_000);
  expect(toldBy(n1!)).toEqual([silent, { event: 'a member answers again', node: 'n3' }]);
});
