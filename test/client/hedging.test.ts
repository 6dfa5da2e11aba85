/** Slow reads are asked of a second node (The Tail at Scale): when, which, and what becomes of the first. */
import { describe, expect, test } from 'vitest';
import { PUT, READ, setUp } from './support/scripted-cluster.ts';
import { fails } from './support/scripted-line.ts';

/** All nodes have answered so often after so long that this is what they usually take. */
async function settled({ names, usualMs = 20 }: { names?: readonly string[]; usualMs?: number } = {}) {
  const scene = setUp(names);
  for (const node of scene.nodes) node.script = [usualMs];
  for (let round = 0; round < 400; round += 1) {
    const calls = scene.nodes.flatMap(() => Array.from({ length: 8 }, () => scene.begin()));
    await scene.world.until(Promise.all(calls));
  }
  for (const node of scene.nodes) node.attempts.length = 0;
  scene.known.prefer(scene.known.all[0]!);
  return scene;
}

describe('a read that takes longer than usual', () => {
  test('is asked of another node, whose answer counts; the first is given up', async () => {
    const { nodes, ask, world, counts } = await settled();
    const [slow, other] = [nodes[0]!, nodes[1]!];
    slow.script = [1000];
    other.script = [5];
    const begunAt = world.time;
    expect(await ask()).toBe('b');
    expect(world.time - begunAt).toBeGreaterThan(20);
    expect(world.time - begunAt).toBeLessThan(50);
    expect([counts(), slow.attempts[0]!.cancelled, other.attempts[0]!.cancelled]).toEqual([
      [1, 1, 0],
      true,
      false,
    ]);
  });

  test('may still be answered by the first, and then the second is given up', async () => {
    const { nodes, ask } = await settled();
    nodes[0]!.script = [60];
    nodes[1]!.script = ['hangs'];
    expect(await ask()).toBe('a');
    expect(nodes[1]!.attempts[0]!.cancelled).toBe(true);
  });

  test('is asked of one other, not of all', async () => {
    const { nodes, ask, counts } = await settled();
    for (const node of nodes) node.script = [110];
    expect(await ask()).toBe('a');
    expect(counts()).toEqual([1, 1, 0]);
  });

  test('waits for the first when the second fails', async () => {
    const { nodes, ask, counts } = await settled();
    nodes[0]!.script = [110];
    nodes[1]!.script = [fails('STORAGE_FAULTED')];
    expect(await ask()).toBe('a');
    expect(counts()).toEqual([1, 1, 0]);
  });

  test('goes on to the third when both fail', async () => {
    const { nodes, ask } = await settled();
    nodes[0]!.script = ['hangs'];
    nodes[1]!.script = [fails('STORAGE_FAULTED')];
    expect(await ask()).toBe('c');
  });

  test.each([
    ['one that failed a moment ago', fails('UNREACHABLE')],
    ['one that asked not to be asked', fails('OVERLOADED', { pushbackMs: 60_000 })],
  ])('is not asked of %s', async (_, failure) => {
    const { nodes, ask, counts } = await settled({ names: ['a', 'b'] });
    nodes[1]!.script = [failure, 1];
    nodes[0]!.script = [fails('UNREACHABLE', { sent: false }), 30];
    await ask();
    nodes[0]!.script = [200];
    const before = counts();
    expect(await ask()).toBe('a');
    expect(counts()).toEqual([before[0]! + 1, before[1]]);
  });
});

test('a write is not: it would be done twice as often as needed', async () => {
  const { nodes, ask, counts } = await settled();
  nodes[0]!.script = [110];
  expect(await ask(PUT)).toBe('a');
  expect(counts()).toEqual([1, 0, 0]);
});

test('a pause of some milliseconds is not taken for a slow node', async () => {
  const { nodes, ask, counts } = await settled({ usualMs: 1 });
  nodes[0]!.script = [12];
  expect(await ask()).toBe('a');
  expect(counts()).toEqual([1, 0, 0]);
});

test('hedges stop when the budget is used up', async () => {
  const { nodes, begin, world, counts } = setUp();
  for (const node of nodes) node.script = [3000];
  let most = 0;
  for (let i = 0; i < 20; i += 1) {
    const before = counts().reduce((sum, count) => sum + count, 0);
    await world.until(Promise.all(Array.from({ length: 48 }, () => begin({ ...READ, deadlineMs: 60_000 }))));
    most = Math.max(most, counts().reduce((sum, count) => sum + count, 0) - before);
  }
  const sent = counts().reduce((sum, count) => sum + count, 0);
  expect(most).toBeGreaterThan(48 + 24);
  expect(sent).toBeLessThanOrEqual(960 * 1.1 + 64 + 10);
});
