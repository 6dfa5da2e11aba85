/** More calls at once than nodes take: who waits, who is refused, and how much is sent. In virtual time. */
import { describe, expect, test } from 'vitest';
import type { ShoalError } from '../../src/base/errors.ts';
import { GOOD } from '../../src/client/standing.ts';
import { WAITING_CALLS_MAX } from '../../src/client/waiting.ts';
import { SIZE_FIRST } from '../../src/client/window.ts';
import { PUT, READ, setUp } from './support/scripted-cluster.ts';
import { fails } from './support/scripted-line.ts';

const overloaded = fails('OVERLOADED', { pushbackMs: 200 });

async function outcomes(calls: readonly Promise<string>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const done of await Promise.allSettled(calls)) {
    const name = done.status === 'fulfilled' ? 'answered' : (done.reason as ShoalError).reason;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('what exceeds the room', () => {
  test('ten thousand reads at once are all answered; no node is sent more than it takes', async () => {
    const { nodes, begin, world } = setUp();
    for (const node of nodes) node.script = [10];
    const calls = Array.from({ length: 10_000 }, () => begin());
    await world.pass(5);
    expect(nodes.map(node => node.attempts.length)).toEqual([SIZE_FIRST, SIZE_FIRST, SIZE_FIRST]);
    expect(await world.until(outcomes(calls))).toEqual({ answered: 10_000 });
  });

  test('waits in the order in which it came', async () => {
    const { nodes, begin, world } = setUp(['a']);
    nodes[0]!.script = [10];
    const order: number[] = [];
    const calls = Array.from({ length: 300 }, (_, i) => begin().then(() => order.push(i)));
    await world.until(Promise.all(calls));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  test('waits no longer than its own deadline, and was not sent then', async () => {
    const { nodes, begin, world, counts } = setUp(['a']);
    nodes[0]!.script = ['hangs'];
    const stuck = Array.from({ length: SIZE_FIRST }, () => begin({ ...PUT, deadlineMs: 9000 }));
    const waits = begin({ ...PUT, deadlineMs: 500 }).catch((error: unknown) => error);
    const error = await world.until(waits);
    expect(error).toMatchObject({ reason: 'OVERLOADED', outcome: 'not applied' });
    expect((error as ShoalError).detail).toMatch(/^waited 50\d ms, and was not sent/);
    expect([world.time < 510, counts()]).toEqual([true, [SIZE_FIRST]]);
    await world.until(outcomes(stuck));
  });

  test('is given up at once when nobody waits for it any more', async () => {
    const { nodes, begin, world, counts } = setUp(['a']);
    nodes[0]!.script = [50];
    const abort = new AbortController();
    const first = Array.from({ length: SIZE_FIRST }, () => begin());
    const waits = begin({ ...PUT, signal: abort.signal }).catch((error: unknown) => error);
    abort.abort();
    expect(await waits).toMatchObject({ reason: 'CANCELLED', outcome: 'not applied' });
    await world.until(outcomes(first));
    expect(counts()).toEqual([SIZE_FIRST]);
  });

  test('does not wait behind what waits for another node', async () => {
    const { nodes, known, begin, world } = setUp(['a', 'b']);
    known.adopt({ epoch: 1, addresses: ['a', 'b'], primaries: [[0], [1]] }, new Set());
    const keyAt = (owner: number) =>
      ['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7']
        .map(key => ({ bucket: 'carts', key }))
        .find(key => known.partitionOf(key) === owner)!;
    nodes[0]!.script = ['hangs'];
    nodes[1]!.script = [10];
    const fill = (owner: number) =>
      Array.from({ length: SIZE_FIRST + 1 }, () => begin({ ...PUT, key: keyAt(owner), deadlineMs: 4000 }));
    const stuck = fill(0);
    expect(await world.until(outcomes(fill(1)))).toEqual({ answered: SIZE_FIRST + 1 });
    expect(world.time).toBeLessThan(30);
    await world.until(outcomes(stuck));
  });

  test('goes on waiting when the node that seemed to have room cannot be reached after all', async () => {
    const { nodes, begin, world } = setUp(['a', 'b']);
    for (const node of nodes) node.script = ['hangs'];
    const stuck = Array.from({ length: 2 * SIZE_FIRST }, () => begin({ ...PUT, deadlineMs: 60_000 }));
    const waits = begin({ ...PUT, deadlineMs: 3000 }).catch((error: unknown) => error);
    await world.pass(10);
    nodes[0]!.script = ['refuses'];
    for (const attempt of nodes[0]!.attempts.slice()) attempt.fail(fails('UNREACHABLE'));
    expect(await world.until(waits)).toMatchObject({ outcome: 'not applied' });
    expect(world.time).toBeLessThan(3010);
    for (const node of nodes) node.script = ['answers'];
    await world.until(outcomes(stuck));
  });

  test('beyond what may wait is refused, but not as not applied when an earlier attempt may have been', async () => {
    const { nodes, begin, world } = setUp(['a', 'b']);
    for (const node of nodes) node.script = ['hangs'];
    const doubtful = begin(PUT).catch((error: unknown) => error);
    const others = Array.from({ length: 2 * SIZE_FIRST + WAITING_CALLS_MAX - 1 }, () =>
      begin({ ...READ, deadlineMs: 1000 }),
    );
    for (const call of others) call.catch(() => {});
    await world.pass(1);
    nodes[0]!.attempts[0]!.fail(fails('OUTCOME_UNKNOWN', { outcome: 'unknown' }));
    expect(await doubtful).toMatchObject({ reason: 'OUTCOME_UNKNOWN', outcome: 'unknown' });
    await world.until(outcomes(others));
  }, 20_000);

  test('beyond what may wait is refused at once: memory has an end', async () => {
    const { nodes, begin, world } = setUp(['a']);
    nodes[0]!.script = ['hangs'];
    const calls = Array.from({ length: SIZE_FIRST + WAITING_CALLS_MAX }, () =>
      begin({ ...READ, deadlineMs: 1000 }),
    );
    for (const call of calls) call.catch(() => {});
    const error = await begin().catch((failure: unknown) => failure);
    expect(error).toMatchObject({ reason: 'OVERLOADED', outcome: 'not applied' });
    expect((error as ShoalError).detail).toContain('getMany');
    await world.until(outcomes(calls));
  }, 20_000);
});

describe('what a link does not take', () => {
  const MIB = 1024 * 1024;

  test('is not offered to it: of values of 1 MiB so many are under way as fit, the others wait', async () => {
    const { nodes, begin, world, counts } = setUp(['a']);
    nodes[0]!.script = [10];
    await world.until(outcomes(Array.from({ length: 300 }, () => begin())));
    nodes[0]!.attempts.length = 0;
    const body = new Uint8Array(MIB + 100);
    const calls = Array.from({ length: 100 }, () => begin({ ...PUT, body }));
    await world.pass(5);
    expect(counts()).toEqual([63]);
    expect(await world.until(outcomes(calls))).toEqual({ answered: 100 });
  });

  test('but one that is larger than all that may be under way goes alone', async () => {
    const { ask } = setUp(['a']);
    expect(await ask({ ...PUT, body: new Uint8Array(65 * MIB) })).toBe('a');
  });

  test('is made elsewhere or later, and the node is not taken for a failed one', async () => {
    const { nodes, known, ask } = setUp(['a', 'b']);
    for (const node of nodes) node.script = ['takes no more', 'answers'];
    expect(await ask(PUT)).toBe('a');
    expect(known.all.map(({ standing }) => standing)).toEqual([GOOD, GOOD]);
  });
});

describe('nodes that say they are overloaded', () => {
  test('are left alone until the pause is over; when all have said so, a call is refused without being sent', async () => {
    const { nodes, ask, refused, world, counts } = setUp(['a', 'b']);
    nodes[0]!.script = [overloaded, 'answers'];
    nodes[1]!.script = [overloaded, 'answers'];
    const deadlineMs = 150;
    expect((await refused({ ...PUT, deadlineMs })).reason).toBe('OVERLOADED');
    expect(counts()).toEqual([1, 1]);
    const begunAt = world.time;
    const error = await refused(PUT);
    expect(error).toMatchObject({ reason: 'OVERLOADED', outcome: 'not applied' });
    expect(error.detail).toMatch(/^every node has asked not to be asked for another \d+ ms$/);
    expect([world.time, counts()]).toEqual([begunAt, [1, 1]]);
    await world.pass(200);
    expect(await ask(PUT)).toBe('a');
  });

  test('a call that one of them refused waits for its pause, and is made again', async () => {
    const { nodes, ask, world } = setUp(['a']);
    nodes[0]!.script = [overloaded, 'answers'];
    expect(await ask()).toBe('a');
    expect(world.time).toBeGreaterThanOrEqual(200);
  });

  test('are given half as much from then on', async () => {
    const { nodes, begin, world } = setUp(['a']);
    nodes[0]!.script = [fails('OVERLOADED', { pushbackMs: 1 }), 50];
    await world.until(begin());
    nodes[0]!.attempts.length = 0;
    const calls = Array.from({ length: 500 }, () => begin());
    await world.pass(10);
    expect(nodes[0]!.attempts.length).toBe(SIZE_FIRST / 2);
    expect(await world.until(outcomes(calls))).toEqual({ answered: 500 });
  });

  test('are not sent more than a tenth of the calls again, however many fail', async () => {
    const { nodes, begin, world, counts } = setUp();
    for (const node of nodes) node.script = [fails('QUORUM_UNREACHABLE')];
    for (let i = 0; i < 50; i += 1)
      await world.until(outcomes(Array.from({ length: 100 }, () => begin({ ...PUT, deadlineMs: 60_000 }))));
    const sent = counts().reduce((sum, count) => sum + count, 0);
    expect(sent).toBeLessThan(5000 * 1.1 + 64 + 10);
  });
});

test('a request that never left is made elsewhere without being counted: nobody had to bear it', async () => {
  const { nodes, begin, world } = setUp(['a', 'b']);
  nodes[0]!.script = [fails('UNREACHABLE', { sent: false })];
  nodes[1]!.script = [1];
  for (let i = 0; i < 30; i += 1) {
    const calls = Array.from({ length: 50 }, () => begin(PUT));
    expect(await world.until(outcomes(calls))).toEqual({ answered: 50 });
    await world.pass(20_000);
  }
});

test('connections are given up when nothing was asked for ten seconds, and not before', async () => {
  const { nodes, ask, world } = setUp(['a']);
  await ask();
  await world.pass(9_000);
  await ask();
  await world.pass(9_000);
  expect(nodes[0]!.rested).toBe(0);
  await world.pass(2_000);
  expect(nodes[0]!.rested).toBe(1);
});
