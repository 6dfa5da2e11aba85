/**
 * A node that is frozen: its connection stands, and nothing comes. Nobody waits for its share of the
 * deadline, which is seconds; the story of each test was met by `make chaos`.
 */
import { describe, expect, test } from 'vitest';
import { TOKENS_FIRST } from '../../src/client/retry-budget.ts';
import { GOOD } from '../../src/client/standing.ts';
import { PUT, READ, SINGLE, setUp } from './support/scripted-cluster.ts';
import { fails } from './support/scripted-line.ts';

/** Before it is known how long nodes usually take. */
const PATIENCE_MS = 300;
const LOOKS_MS = 30;

describe('a write that waits for a node which answers nobody', () => {
  test('is tried at another, as the same write, and the first is given up', async () => {
    const { ask, nodes, world } = setUp();
    const [frozen, other] = nodes;
    frozen!.script = ['hangs'];
    expect(await ask(PUT)).toBe('b');
    expect(world.time).toBeLessThanOrEqual(PATIENCE_MS + LOOKS_MS);
    const [first, second] = [frozen!.attempts[0]!, other!.attempts[0]!];
    expect([first.cancelled, first.question === second.question]).toEqual([true, true]);
  });

  test('goes on to the third when the second is frozen, too', async () => {
    const { ask, nodes, world } = setUp();
    for (const node of nodes.slice(0, 2)) node.script = ['hangs'];
    expect(await ask(PUT)).toBe('c');
    expect(world.time).toBeLessThanOrEqual(2 * (PATIENCE_MS + LOOKS_MS));
  });

  test('is answered by the first if that was only slow', async () => {
    const { ask, nodes } = setUp();
    nodes[0]!.script = [400];
    nodes[1]!.script = ['hangs'];
    expect(await ask(PUT)).toBe('a');
  });

  test('is in doubt when the second refuses it: the first may yet do it', async () => {
    const { refused, nodes } = setUp(['a', 'b']);
    nodes[0]!.script = ['hangs'];
    nodes[1]!.script = [fails('RECORD_TOO_LARGE')];
    expect(await refused(PUT)).toMatchObject({ reason: 'OUTCOME_UNKNOWN', outcome: 'unknown' });
  });

  test('is answered by the first though all have asked to be left alone since', async () => {
    const { nodes, begin, world } = setUp(['a', 'b']);
    const closes = fails('OVERLOADED', { pushbackMs: 60_000 });
    nodes[0]!.script = [450, closes];
    nodes[1]!.script = [fails('OVERLOADED'), closes];
    const first = begin(PUT);
    await world.pass(PATIENCE_MS + 10);
    const others = [begin(PUT), begin(PUT)];
    await Promise.all(others.map(other => expect(world.until(other)).rejects.toThrow('OVERLOADED')));
    expect(await world.until(first)).toBe('a');
  });

  test('is tried once more, not twice, when both fail in one moment', async () => {
    const { nodes, begin, world, counts } = setUp(['a', 'b']);
    for (const node of nodes) node.script = ['is left', 100];
    const answer = begin(PUT);
    await world.pass(2 * (PATIENCE_MS + LOOKS_MS));
    for (const node of nodes.toReversed()) node.attempts[0]!.fail(fails('OVERLOADED'));
    await world.until(answer);
    expect(counts().reduce((sum, count) => sum + count)).toBe(3);
  });

  test('is not tried twice when the second time it might be another', async () => {
    const { refused, nodes, counts } = setUp();
    nodes[0]!.script = ['hangs'];
    expect(await refused(SINGLE)).toMatchObject({ outcome: 'unknown' });
    expect(counts()).toEqual([1, 0, 0]);
  });
});

test('a node that answers others is slow, not silent: its write is not tried at another', async () => {
  const { world, nodes, begin, counts } = setUp();
  nodes[0]!.script = [600, 50];
  const slow = begin(PUT);
  for (let i = 0; i < 9; i += 1) expect(await world.until(begin(PUT))).toBe('a');
  expect(await world.until(slow)).toBe('a');
  expect(counts()).toEqual([10, 0, 0]);
});

test('a read whose second node is dead goes on to the third when the first turns out to be frozen', async () => {
  const { ask, nodes, world } = setUp();
  nodes[0]!.script = ['hangs'];
  nodes[1]!.script = ['refuses'];
  expect(await ask(READ)).toBe('c');
  expect(world.time).toBeLessThanOrEqual(PATIENCE_MS + LOOKS_MS);
});

test('reads that were answered elsewhere do not break its silence: soon it is not asked any more', async () => {
  const { world, nodes, begin, known } = setUp();
  nodes[0]!.script = ['hangs'];
  known.prefer(known.all[0]!);
  for (let i = 0; i < 20; i += 1) expect(await world.until(begin(READ))).not.toBe('a');
  const asked = nodes[0]!.attempts.length;
  expect(asked).toBeLessThan(6);
});

test('after a while one request finds out whether it is well again, and has all the patience', async () => {
  const { ask, nodes, world } = setUp();
  nodes[0]!.script = ['hangs', 200];
  await ask(PUT);
  world.time += 1_500;
  for (const node of nodes.slice(1)) node.script = [fails('STORAGE_FAULTED')];
  expect(await ask(PUT)).toBe('a');
  expect(nodes[0]!.attempts).toHaveLength(2);
});

test('a write goes on elsewhere though hedges have taken all that they may', async () => {
  const { ask, nodes, world, begin, known } = setUp();
  for (const node of nodes) node.script = [250];
  for (let round = 0; round < 3; round += 1)
    await world.until(Promise.all(Array.from({ length: TOKENS_FIRST }, () => begin(READ))));
  await world.pass(1_000);
  for (const [i, node] of nodes.entries()) node.script = [i === 0 ? 'hangs' : 'answers'];
  known.prefer(known.all[0]!);
  const begunAt = world.time;
  expect(await ask(PUT)).not.toBe('a');
  expect(world.time - begunAt).toBeLessThan(2 * PATIENCE_MS);
});

describe('a node whose line says that it is silent', () => {
  test('is looked beyond when it begins to be, not at every look for as long as it is', async () => {
    const { world, nodes, known, begin } = setUp(['a']);
    Object.assign(nodes[0]!, { script: ['hangs'], suspect: true });
    let choices = 0;
    const { ownersOf } = known;
    known.ownersOf = partition => {
      choices += 1;
      return ownersOf.call(known, partition);
    };
    for (let i = 0; i < 10; i += 1) begin(PUT).catch(() => {});
    await world.pass(1_000);
    expect(choices).toBeLessThan(100);
  });

  test('has its calls tried at one other each, which is given time to answer', async () => {
    const { nodes, begin, world } = setUp();
    const [silent, ...others] = nodes;
    Object.assign(silent!, { script: ['hangs'], suspect: true });
    for (const other of others) other.script = [500, 20];
    const first = begin(PUT);
    await world.pass(LOOKS_MS);
    while (world.time < 500) await world.until(Promise.race([begin(PUT), begin(PUT), begin(PUT)]));
    expect(await world.until(first)).not.toBe('a');
    const { question } = silent!.attempts[0]!;
    const tried = others.filter(({ attempts }) => attempts.some(attempt => attempt.question === question));
    expect(tried).toHaveLength(1);
  });

  test('and is asked all the same, for want of another, is well as soon as it answers', async () => {
    const { ask, nodes, begin, world, known } = setUp(['a']);
    Object.assign(nodes[0]!, { script: ['hangs', 100], suspect: true });
    begin(PUT).catch(() => {});
    await world.pass(LOOKS_MS);
    expect(await ask(PUT)).toBe('a');
    expect(known.all[0]!.standing).toBe(GOOD);
  });
});

test('a process that did not run itself for a while suspects nobody', async () => {
  const { world, nodes, begin, counts } = setUp();
  nodes[0]!.script = [20];
  const answer = begin(PUT);
  await world.pass(10);
  world.time += 3_000;
  expect(await world.until(answer)).toBe('a');
  expect(counts()).toEqual([1, 0, 0]);
});
