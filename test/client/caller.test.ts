/** The sequence of attempts, in virtual time: which node, when, and what the caller is told. */
import { describe, expect, test } from 'vitest';
import { PUT, READ, SINGLE, setUp } from './support/scripted-cluster.ts';
import { fails } from './support/scripted-line.ts';

describe('which node is asked', () => {
  test('the one that answered last, again and again', async () => {
    const { ask, counts } = setUp();
    for (let i = 0; i < 5; i += 1) expect(await ask()).toBe('a');
    expect(counts()).toEqual([5, 0, 0]);
  });

  test('the next at once when one refuses the connection, and that one from then on', async () => {
    const { ask, nodes, counts, world } = setUp();
    nodes[0]!.script = [fails('UNREACHABLE')];
    expect(await ask()).toBe('b');
    world.time += 60_000;
    expect(await ask()).toBe('b');
    expect(world.slept).toEqual([]);
    expect(counts()).toEqual([1, 2, 0]);
  });

  test('all of the time when there is only one, that hangs', async () => {
    const { refused, nodes, counts } = setUp(['a']);
    nodes[0]!.script = ['hangs'];
    expect(await refused(PUT)).toMatchObject({ reason: 'OUTCOME_UNKNOWN' });
    expect(counts()).toEqual([1]);
  });

  test('a node that asked for a pause is not asked within it, though others fail', async () => {
    const { ask, nodes, counts } = setUp(['a', 'b']);
    nodes[0]!.script = [fails('DRAINING', { pushbackMs: 1000 }), 'answers'];
    nodes[1]!.script = [fails('UNREACHABLE'), fails('UNREACHABLE'), 'answers'];
    expect(await ask()).toBe('b');
    expect(counts()).toEqual([1, 3]);
  });
});

describe('how long it goes on', () => {
  test('with one node it waits and asks again, longer each time', async () => {
    const { ask, nodes, world } = setUp(['a']);
    const down = fails('UNREACHABLE');
    nodes[0]!.script = [down, down, down, 'answers'];
    expect(await ask()).toBe('a');
    expect(world.slept).toEqual([25, 50, 100]);
  });

  test('after eight attempts it gives up, long before the deadline', async () => {
    const { refused, nodes, counts, world } = setUp(['a']);
    nodes[0]!.script = [fails('QUORUM_UNREACHABLE')];
    expect((await refused(PUT)).reason).toBe('QUORUM_UNREACHABLE');
    expect(counts()).toEqual([8]);
    expect(world.time).toBeLessThan(6000);
  });

  test('eight rounds, however many nodes there are', async () => {
    const { refused, nodes, counts } = setUp();
    for (const node of nodes) node.script = [fails('UNREACHABLE')];
    expect((await refused(PUT)).reason).toBe('UNREACHABLE');
    expect(counts()).toEqual([8, 8, 8]);
  });

  test('a pause that would end after the deadline is not begun', async () => {
    const { refused, nodes, counts, world } = setUp(['a']);
    nodes[0]!.script = [fails('OVERLOADED', { pushbackMs: 60_000 })];
    expect((await refused(READ)).reason).toBe('OVERLOADED');
    expect((await refused(READ)).detail).toContain('not to be asked for another 60000 ms');
    expect([counts(), world.time]).toEqual([[1], 0]);
  });

  test('a negative pushback means: not again', async () => {
    const { refused, nodes, counts } = setUp();
    nodes[0]!.script = [fails('OVERLOADED', { pushbackMs: -1 })];
    expect((await refused(READ)).reason).toBe('OVERLOADED');
    expect(counts()).toEqual([1, 0, 0]);
  });

  test('what is wrong with the request is wrong everywhere', async () => {
    const { refused, ask, nodes, counts } = setUp();
    nodes[0]!.script = [fails('BAD_CONTEXT'), 'answers'];
    expect((await refused(PUT)).reason).toBe('BAD_CONTEXT');
    expect(await ask()).toBe('a');
    expect(counts()).toEqual([2, 0, 0]);
  });
});

describe('what is told in the end', () => {
  test("a node's answer, not the refused connection of the one asked after it", async () => {
    const { refused, nodes } = setUp();
    for (const node of nodes) node.script = [fails('QUORUM_UNREACHABLE')];
    nodes[1]!.script = [fails('UNREACHABLE')];
    expect(await refused(PUT)).toMatchObject({ reason: 'QUORUM_UNREACHABLE', outcome: 'not applied' });
  });

  test("a node's answer, not the silence of another", async () => {
    const { refused, nodes } = setUp(['a', 'b']);
    nodes[0]!.script = [fails('QUORUM_UNREACHABLE')];
    nodes[1]!.script = ['hangs'];
    expect((await refused(READ)).reason).toBe('QUORUM_UNREACHABLE');
  });

  test('silence, not a refused connection', async () => {
    const { refused, nodes } = setUp(['a', 'b']);
    nodes[0]!.script = ['hangs', fails('UNREACHABLE')];
    nodes[1]!.script = [fails('UNREACHABLE')];
    expect(await refused(PUT)).toMatchObject({ reason: 'OUTCOME_UNKNOWN', detail: 'so it is scripted' });
  });

  test('of two answers the last', async () => {
    const { refused, nodes } = setUp(['a', 'b']);
    nodes[0]!.script = [fails('QUORUM_UNREACHABLE')];
    nodes[1]!.script = [fails('NOT_READY')];
    expect((await refused(READ)).reason).toBe('NOT_READY');
  });
});

describe('a write whose answer was lost', () => {
  test('is tried again when a repeat is the same write', async () => {
    const { ask, nodes } = setUp();
    nodes[0]!.script = ['hangs'];
    expect(await ask(PUT)).toBe('b');
  });

  test('is not tried again when a repeat might be another', async () => {
    const { refused, nodes, counts } = setUp();
    nodes[0]!.script = ['hangs'];
    expect(await refused(SINGLE)).toMatchObject({ reason: 'OUTCOME_UNKNOWN', outcome: 'unknown' });
    expect(counts()).toEqual([1, 0, 0]);
  });

  test('but is when it never left', async () => {
    const { ask, nodes } = setUp();
    nodes[0]!.script = [fails('UNREACHABLE')];
    expect(await ask(SINGLE)).toBe('b');
  });

  test('stays unknown though a later attempt was surely not applied', async () => {
    const { refused, nodes } = setUp(['a', 'b']);
    nodes[0]!.script = ['hangs'];
    nodes[1]!.script = [fails('RECORD_TOO_LARGE', { facts: { bytes: '9' } })];
    const error = await refused(PUT);
    expect(error).toMatchObject({ reason: 'OUTCOME_UNKNOWN', outcome: 'unknown', facts: { bytes: '9' } });
    expect(error.cause).toMatchObject({ reason: 'RECORD_TOO_LARGE', outcome: 'not applied' });
  });
});

describe('cancelling', () => {
  test('before the first attempt nothing is sent', async () => {
    const { refused, counts } = setUp();
    const error = await refused({ ...PUT, signal: AbortSignal.abort() });
    expect(error).toMatchObject({ reason: 'CANCELLED', outcome: 'not applied' });
    expect(counts()).toEqual([0, 0, 0]);
  });

  test('between two attempts the second is not made, and the first is not forgotten', async () => {
    const { refused, nodes, counts, world } = setUp(['a']);
    const abort = new AbortController();
    nodes[0]!.script = [fails('OUTCOME_UNKNOWN', { outcome: 'unknown' })];
    world.sleep = async () => abort.abort();
    expect(await refused({ ...PUT, signal: abort.signal })).toMatchObject({
      reason: 'CANCELLED',
      outcome: 'unknown',
    });
    expect(counts()).toEqual([1]);
  });
});

describe('closing', () => {
  test('takes no more calls, and closes the connections after those under way', async () => {
    const { caller, ask, refused, nodes } = setUp();
    const answer = ask();
    const closing = caller.close();
    expect(nodes.map(node => node.closed)).toEqual([false, false, false]);
    expect(await answer).toBe('a');
    await closing;
    expect(nodes.map(node => node.closed)).toEqual([true, true, true]);
    expect((await refused(READ)).detail).toBe('the client is closed');
  });

  test('twice at once ends for both', async () => {
    const { caller, ask } = setUp();
    const answer = ask();
    const both = Promise.all([caller.close(), caller.close()]);
    await answer;
    await both;
  });
});
