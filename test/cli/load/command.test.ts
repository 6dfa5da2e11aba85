/** `shoal load` as somebody types it, against fake nodes over real gRPC. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ShoalError } from '../../../src/base/errors.ts';
import { fakeNodes } from '../../client/support/fake-cluster.ts';
import { shoal } from '../support/shoal.ts';

// Over unary calls: that is what the fake nodes know.
const SHORT = [
  '--unary',
  '--warm-up',
  '0',
  '--operations',
  '100',
  '--keys',
  '20',
  '--in-flight',
  '8',
  '--pids',
  '1',
];

async function setUp() {
  const [node] = await fakeNodes(1);
  const load = (...args: string[]) => shoal(['load', '--addr', node!.address, ...SHORT, ...args]);
  const requests = () => node!.heard.filter(({ method }) => method !== 'Status');
  return { node: node!, load, requests };
}

describe('a run', () => {
  test('loads, measures and checks, and says so', async () => {
    const { load, requests } = await setUp();
    const { code, out, err } = await load('--load', '--check', '--seed', '5');
    expect({ code, err: err[0] }).toEqual({
      code: 0,
      err: '50 read, 50 update; zipfian over 20 keys; values of 100 bytes; closed loop, 8 in flight; seed 5',
    });
    expect(out).toMatch(/^preload +20 records in /m);
    expect(out).toMatch(/^all +100 /m);
    expect(out).toMatch(/^check +\d+ acknowledged writes of 20 keys read back: none lost$/m);
    expect(requests().length).toBe(20 + 100 + 20);
  });

  test('as JSON', async () => {
    const { load } = await setUp();
    const { code, out } = await load('--load', '--mix', 'rmw=1,insert=1', '-o', 'json', '--seed', '9');
    const { seed, all, kinds, options, processes } = JSON.parse(out);
    expect({ code, seed, count: all.count }).toEqual({ code: 0, seed: 9, count: 100 });
    expect(Object.keys(kinds)).toEqual(['insert', 'rmw']);
    expect(options).toMatchObject({ keys: 20, inFlight: 8, choice: 'zipfian' });
    expect(processes[0]).toMatchObject({ name: 'load' });
  });

  test('sends quorum and value size', async () => {
    const { load, requests } = await setUp();
    await load('--r', '3', '--w', '1', '--strict', '--value-size', '50');
    expect(requests().find(({ method }) => method === 'Get')!.message).toMatchObject({ r: 3, strict: true });
    const put = requests().find(({ method }) => method === 'Put')!.message;
    expect(put).toMatchObject({ w: 1, strict: true });
    expect(put.value.bytes).toHaveLength(50);
  });

  test('updates carry the context that was last seen; with --blind none', async () => {
    const { load, requests } = await setUp();
    await load('--load', '--mix', 'update=1');
    const puts = requests().slice(20);
    expect(puts.every(({ message }) => message.context.length > 0 && !message.overwrite)).toBe(true);
    await load('--blind', '--mix', 'update=1', '--operations', '5');
    const blind = requests().slice(-5);
    expect(blind.every(({ message }) => message.context.length === 0 && !message.overwrite)).toBe(true);
  });

  test('leaves the distribution of latencies in files, one for all and one for each kind', async () => {
    const { load } = await setUp();
    const folder = mkdtempSync(join(tmpdir(), 'shoal-load-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    await load('--hgrm', join(folder, 'a.hgrm'));
    expect(readdirSync(folder).sort()).toEqual(['a.hgrm', 'a.read.hgrm', 'a.update.hgrm']);
    const text = readFileSync(join(folder, 'a.hgrm'), 'utf8');
    expect(text).toMatch(/^ +Value +Percentile +TotalCount 1\/\(1-Percentile\)\n/);
    expect(text).toMatch(/#\[Max {5}= +[\d.]+, Total count {4}= +100\]/);
  });

  test('at a rate', async () => {
    const { load } = await setUp();
    const { out } = await load('--rate', '2000', '--workload', 'c', '--in-flight', '1000');
    expect(out).toMatch(/^arrivals +2 000 a second$/m);
    expect(out).toMatch(/^read +100 /m);
  });
});

describe('ends with 1 and says why', () => {
  test('when every operation failed', async () => {
    const { node, load } = await setUp();
    node.moods = ['well', { refuse: new ShoalError('BAD_QUORUM', 'as it was told') }];
    const { code, out, err } = await load('--r', '9');
    expect({ code, last: err.at(-1) }).toEqual({
      code: 1,
      last: 'shoal: not all is well; the figures say what',
    });
    expect(out).toMatch(/^FAILED +100 /m);
    expect(out).toMatch(/^ERRORS +BAD_QUORUM 100$/m);
  });

  test('when an acknowledged write is gone', async () => {
    const { node, load } = await setUp();
    const real = node.kv.put.bind(node.kv);
    let puts = 0;
    node.kv.put = request => {
      puts += 1;
      const reply = real(request);
      if (puts === 15) node.kv.delete({ ...request, context: Buffer.alloc(0) });
      return reply;
    };
    const { code, out, err } = await load('--load', '--check', '--workload', 'c');
    expect({ code, last: err.at(-1) }).toEqual({
      code: 1,
      last: 'shoal: not all is well; the figures say what',
    });
    expect(out).toMatch(/read back: 1 LOST\n {2}user\d+: write 15 is gone; nothing is there\n/);
  });

  test('when nobody is there', async () => {
    const { code, out, err } = await shoal(['load', '--addr', '127.0.0.1:1', '--deadline', '200']);
    expect({ code, out, lines: err.length }).toEqual({ code: 1, out: '', lines: 1 });
    expect(err[0]).toMatch(/^shoal: UNREACHABLE: .*; is a node running there\?/);
  });

  test('when the file for the latencies cannot be written, before anything is sent', async () => {
    const { node, load } = await setUp();
    const { code, err } = await load('--hgrm', '/proc/none/a.hgrm');
    expect({ code, lines: err.length, heard: node.heard.length }).toEqual({ code: 1, lines: 1, heard: 0 });
    expect(err[0]).toContain('ENOENT');
  });
});

describe('a usage error', () => {
  test.each([
    ['a workload that scans', ['--workload', 'e'], 'Allowed choices are a, b, c, d, f'],
    ['no mix', ['--mix', 'reads=5'], 'expected kinds and their shares, for example read=50'],
    ['a mix and a workload', ['--mix', 'read=5', '--workload', 'b'], 'cannot be used with'],
    ['an unknown distribution', ['--distribution', 'normal'], 'Allowed choices are uniform, zipfian, latest'],
    ['no keys', ['--keys', '0'], 'expected a whole number from 1 to 1000000000'],
    [
      'a value too small for its number',
      ['--value-size', '15'],
      'expected a whole number from 16 to 1048576',
    ],
    ['nothing in flight', ['--in-flight', '0'], 'expected a whole number from 1'],
    ['no rate', ['--rate', 'fast'], 'expected a whole number from 1 to 1000000'],
    ['a bucket without a name', ['--bucket', ''], 'bucket is empty'],
    ['no process', ['--pids', '12,x'], 'expected a whole number from 1'],
    ['an argument', ['a'], 'too many arguments'],
  ])('%s', async (_, args, help) => {
    const { code, out, err } = await shoal(['load', ...args]);
    expect([code, out, err.length]).toEqual([2, '', 1]);
    expect(err[0]).toMatch(/^shoal: .*; see --help$/);
    expect(err[0]).toContain(help);
  });
});
