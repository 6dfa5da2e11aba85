/** put, get, delete, status and locate as somebody types them, against a fake node over real gRPC. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { ShoalError } from '../../src/base/errors.ts';
import { fakeNodes } from '../client/support/fake-cluster.ts';
import { shoal } from './support/shoal.ts';

async function setUp() {
  const [node] = await fakeNodes(1);
  const at = ['--addr', node!.address];
  return {
    node: node!,
    put: (...args: string[]) => shoal(['put', 'carts', 'ann', ...args, ...at]),
    putStdin: (stdin: string | Uint8Array) => shoal(['put', 'carts', 'ann', '-', ...at], stdin),
    get: (...args: string[]) => shoal(['get', 'carts', 'ann', ...args, ...at]),
    del: (...args: string[]) => shoal(['delete', 'carts', 'ann', ...args, ...at]),
    other: (...args: string[]) => shoal([...args, ...at]),
  };
}

/** n1 is asked, n2 answers, n3 hangs, n4 is gone; n5 has no address, and at that of n6 there is n1. */
async function fourMembers() {
  const [asked, second, hung, gone] = await fakeNodes(4);
  const addresses = [asked, second, hung, gone].map(node => node!.address);
  const members = [...addresses, '', asked!.address].map((address, i) => ({ name: `n${i + 1}`, address }));
  asked!.status = { node: 'n1', members };
  second!.status = {
    node: 'n2',
    hintsFor: [{ target: 'n3', count: 4, oldestMs: 3000 }],
    counters: { 'hint.written': 4 },
  };
  hung!.moods = ['silent'];
  gone!.stop();
  const other = (...args: string[]) => shoal([...args, '--addr', asked!.address]);
  return { asked: asked!, second: second!, hung: hung!, gone: gone!, other };
}

/** For this test only. */
function setVariable(name: string, value: string): void {
  process.env[name] = value;
  onTestFinished(() => {
    delete process.env[name];
  });
}

describe('get', () => {
  test('prints the bare value, not even a line end after it', async () => {
    const { put, get } = await setUp();
    await put('eggs');
    expect(await get()).toMatchObject({ code: 0, out: 'eggs', err: [] });
  });

  test('prints a line end to a terminal, unless the value has one', async () => {
    const { node, put } = await setUp();
    const seen = () =>
      shoal(['get', 'carts', 'ann', '--addr', node.address], '', { terminal: true }).then(({ out }) => out);
    await put('eggs');
    expect(await seen()).toBe('eggs\n');
    await put('eggs\n');
    expect(await seen()).toBe('eggs\n');
  });

  test('prints bytes as they are', async () => {
    const { putStdin, get } = await setUp();
    const bytes = Uint8Array.of(0xff, 0, 0x0a);
    await putStdin(bytes);
    expect((await get()).raw).toEqual(Buffer.from(bytes));
  });

  test('of an absent key: exit 3, and stdout stays empty', async () => {
    const { get } = await setUp();
    expect(await get()).toMatchObject({ code: 3, out: '', err: ['carts/ann is not there'] });
  });

  test('of several versions: exit 4, each on a line of stderr, and what to do', async () => {
    const { put, get } = await setUp();
    await put('eggs');
    await put('Grüße', '--blind');
    const { code, out, err } = await get();
    expect([code, out]).toEqual([4, '']);
    expect(err.slice(0, 3)).toEqual([
      'carts/ann has 2 concurrent versions:',
      '  1  1970-01-01T00:00:00.001Z  4 bytes',
      '  2  1970-01-01T00:00:00.002Z  7 bytes',
    ]);
    const [, context] = /: shoal put carts ann VALUE --context (\S+) --addr \S+$/.exec(err[3]!)!;
    expect((await put('both', '--context', context!)).out).toBe('stored\n');
    expect(await get()).toMatchObject({ code: 0, out: 'both' });
  });

  test('prints the one that is asked for', async () => {
    const { put, get } = await setUp();
    await put('eggs');
    await put('milk', '--blind');
    expect(await get('--sibling', '2')).toMatchObject({ code: 0, out: 'milk' });
    expect(await get('--sibling', '3')).toMatchObject({
      code: 1,
      out: '',
      err: ['shoal: no version 3: carts/ann has 2 versions'],
    });
  });

  test('sends the quorum', async () => {
    const { node, get } = await setUp();
    await get('--r', '3', '--strict');
    expect(node.heard[0]!.message).toMatchObject({ r: 3, strict: true });
  });
});

describe('put', () => {
  test('says what it replaced', async () => {
    const { put } = await setUp();
    expect(await put('eggs')).toMatchObject({ code: 0, out: 'stored\n', err: [] });
    expect((await put('milk')).out).toBe('replaced 1 version\n');
    expect((await put('bread', '--blind')).out).toBe('stored, 1 concurrent version beside it\n');
    expect((await put('cake')).out).toBe('replaced 2 versions\n');
  });

  test('claims nothing when the read before it failed', async () => {
    const { node, put } = await setUp();
    await put('eggs');
    node.moods = [{ refuse: new ShoalError('BAD_KEY', 'not now') }, 'well'];
    expect(await put('milk')).toMatchObject({ code: 0, out: 'stored\n' });
  });

  test('reads the value from stdin: text when it is UTF-8, bytes when not', async () => {
    const { node, putStdin } = await setUp();
    await putStdin('\uFEFFGrüße\n');
    await putStdin(Uint8Array.of(0xff));
    const values = node.heard.filter(({ method }) => method === 'Put').map(({ message }) => message.value);
    expect(values).toMatchObject([{ text: '\uFEFFGrüße\n' }, { bytes: Buffer.of(0xff) }]);
  });

  test('a value beyond the limit is refused before anybody is asked', async () => {
    const { node, putStdin } = await setUp();
    const { code, err } = await putStdin(new Uint8Array(3 * 1024 * 1024));
    expect([code, err]).toEqual([
      1,
      ['shoal: BAD_VALUE: value has 1048577 bytes, at most 1048576 are allowed (not applied)'],
    ]);
    expect(node.heard).toEqual([]);
  });

  test('takes an empty value, and one that looks like a flag after --', async () => {
    const { put, get, other } = await setUp();
    await put('');
    expect(await get()).toMatchObject({ code: 0, out: '' });
    const { node } = await setUp();
    await shoal(['put', '--addr', node.address, 'carts', 'ann', '--', '--help']);
    expect(node.heard.at(-1)!.message.value).toMatchObject({ text: '--help' });
    expect((await other('get', 'carts', 'ann')).code).toBe(0);
  });

  test('with the context of another key is refused by the node, in one line', async () => {
    const { put, other } = await setUp();
    const { out } = await other('put', 'carts', 'bob', 'eggs', '-o', 'json');
    const { code, err } = await put('eggs', '--context', JSON.parse(out).context);
    expect(code).toBe(1);
    expect(err).toEqual([
      'shoal: BAD_CONTEXT: context refused: it is damaged, or belongs to another bucket or key; read the key again and use the new one (not applied)',
    ]);
  });
});

describe('delete', () => {
  test('says what it removed', async () => {
    const { put, del, get } = await setUp();
    await put('eggs');
    expect(await del()).toMatchObject({ code: 0, out: 'deleted 1 version\n' });
    expect(await del()).toMatchObject({ code: 0, out: 'nothing was there\n' });
    expect((await get()).code).toBe(3);
  });

  test('with a context removes what that has seen', async () => {
    const { put, del, get } = await setUp();
    const { context } = JSON.parse((await put('eggs', '-o', 'json')).out);
    await put('milk', '--blind');
    expect((await del('--context', context)).out).toBe(
      'what the context has seen is gone; 1 version that it has not seen remains\n',
    );
    expect((await get()).out).toBe('milk');
  });
});

describe('as JSON', () => {
  test('get prints the response as grpcurl does', async () => {
    const { put, get } = await setUp();
    await put('eggs');
    const { out } = await get('-o', 'json');
    expect(out.endsWith('}\n')).toBe(true);
    expect(JSON.parse(out)).toEqual({
      siblings: [{ value: { text: 'eggs' }, writtenAtMs: '1' }],
      context: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/),
      replicas: { required: 2, answered: 2 },
    });
  });

  test('an absent key has no siblings and still exit 3', async () => {
    const { get } = await setUp();
    const { code, out } = await get('--output', 'json');
    expect(code).toBe(3);
    expect(Object.keys(JSON.parse(out))).toEqual(['context', 'replicas']);
  });

  test('bytes are base64, an empty text is there', async () => {
    const { putStdin, put, get } = await setUp();
    await putStdin(Uint8Array.of(0xff));
    await put('', '--blind');
    const { code, out } = await get('-o', 'json');
    expect(code).toBe(4);
    const values = JSON.parse(out).siblings.map(({ value }: { value: unknown }) => value);
    expect(values).toEqual([{ bytes: '/w==' }, { text: '' }]);
  });

  test('put reads nothing beforehand', async () => {
    const { node, put } = await setUp();
    await put('eggs', '-o', 'json');
    expect(node.heard.map(({ method }) => method)).toEqual(['Put']);
  });
});

describe('status and locate', () => {
  test('status shows the node', async () => {
    const { node, other } = await setUp();
    node.status = { node: 'n1', state: 'serving' };
    const { code, out } = await other('status');
    expect(code).toBe(0);
    expect(out).toContain('n1, serving');
  });

  test('status as JSON has the counters', async () => {
    const { node, other } = await setUp();
    node.status = { node: 'n1', clusterId: Buffer.of(1, 2), epoch: 1, counters: { 'read.repair': 7 } };
    expect(JSON.parse((await other('status', '-o', 'json')).out)).toEqual({
      node: 'n1',
      clusterId: 'AQI=',
      epoch: '1',
      repair: {},
      refill: {},
      counters: { 'read.repair': '7' },
    });
  });

  test('status asks every member, and tells of those that do not answer', async () => {
    const { asked, hung, gone, other } = await fourMembers();
    const { code, out } = await other('status');
    expect(code).toBe(0);
    expect(out).toContain(`\
silent   n3: no answer from ${hung.address} within 500 ms
         n4: nobody listens at ${gone.address}
         n5: nobody has told yet where it listens
         n6: n1 answers at ${asked.address}
`);
    expect(out).toContain('hints    4 for n3, the oldest 3 s old, at n2: n3 gets them when it is back\n');
  });

  test('status of a node that hangs does not advise to ask for the status', async () => {
    const { hung } = await fourMembers();
    const { code, err } = await shoal(['status', '--addr', hung.address, '--deadline', '300']);
    expect(code).toBe(1);
    expect(err).toEqual([
      expect.stringMatching(/^shoal: EXPIRED: .*; it hangs, .*ask another node with --addr$/),
    ]);
  });

  test('status asks no longer than it may', async () => {
    const { other } = await fourMembers();
    const { out } = await other('status', '--deadline', '300');
    expect(Number(/n3: no answer from .* within (\d+) ms/.exec(out)?.[1])).toBeLessThanOrEqual(300);
  });

  test('status of all as JSON: each by its name, null for one that does not answer', async () => {
    const { other } = await fourMembers();
    const all = JSON.parse((await other('status', '-o', 'json', '--all')).out);
    expect(Object.keys(all)).toEqual(['n1', 'n2', 'n3', 'n4', 'n5', 'n6']);
    expect(all).toMatchObject({ n1: { node: 'n1' }, n3: null, n4: null, n5: null, n6: null });
    expect(all.n2).toEqual({
      node: 'n2',
      counters: { 'hint.written': '4' },
      hintsFor: [{ target: 'n3', count: '4', oldestMs: '3000' }],
      repair: {},
      refill: {},
    });
  });

  test('status of one as JSON asks no other', async () => {
    const { second, other } = await fourMembers();
    await other('status', '-o', 'json');
    expect(second.heard).toEqual([]);
  });

  test('locate shows the nodes in order', async () => {
    const { node, other } = await setUp();
    const places = ['n2', 'n3'].map(name => ({ name, address: `${name}:7400`, up: name === 'n2' }));
    node.location = { partition: 17, epoch: 1, primaries: places };
    expect((await other('locate', 'carts', 'ann')).out).toBe(
      [
        'carts/ann is in partition 17, ring epoch 1',
        '',
        'NODE  ROLE     STATE  CLIENTS',
        'n2    primary  up     n2:7400',
        'n3    primary  DOWN   n3:7400',
        '',
      ].join('\n'),
    );
    expect(JSON.parse((await other('locate', 'carts', 'ann', '-o', 'json')).out)).toEqual({
      partition: 17,
      epoch: '1',
      primaries: [
        { name: 'n2', address: 'n2:7400', up: true },
        { name: 'n3', address: 'n3:7400' },
      ],
    });
  });
});

describe('flags', () => {
  test('are taken from variables, and the command line wins', async () => {
    const { node } = await setUp();
    setVariable('SHOAL_ADDR', node.address);
    setVariable('SHOAL_R', '2');
    setVariable('SHOAL_STRICT', 'true');
    await shoal(['get', 'carts', 'ann']);
    await shoal(['get', 'carts', 'ann', '--r', '1']);
    expect(node.heard.map(({ message }) => message)).toMatchObject([
      { r: 2, strict: true },
      { r: 1, strict: true },
    ]);
  });

  test.each(['0', 'false', 'No', ''])('SHOAL_STRICT=%s is off', async value => {
    const { node, get } = await setUp();
    setVariable('SHOAL_STRICT', value);
    await get();
    expect(node.heard[0]!.message.strict).toBe(false);
  });

  test('an address where nobody listens is passed over', async () => {
    const { node } = await setUp();
    const [gone] = await fakeNodes(1);
    gone!.stop();
    const { code } = await shoal(['get', 'carts', 'ann', '--addr', `${gone!.address},${node.address}`]);
    expect(code).toBe(3);
  });

  test('with nobody anywhere: exit 1, one line, what to do', async () => {
    const [gone] = await fakeNodes(1);
    gone!.stop();
    const { code, out, err } = await shoal(['get', 'a', 'b', '--addr', gone!.address, '--deadline', '1000']);
    expect([code, out, err.length]).toEqual([1, '', 1]);
    expect(err[0]).toMatch(
      /^shoal: UNREACHABLE: .*ECONNREFUSED 127.0.0.1:\d+ \(not applied\); is a node running there\? .*: shoal cluster$/,
    );
  });
});
