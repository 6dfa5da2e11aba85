/**
 * The scripts of the README against real nodes: the shell over nothing but reflection, and the tour. And
 * `shoal` in a shell's pipes.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { liveCluster } from './support/live-cluster.ts';
import { MAIN } from './support/live-node.ts';
import { type Run, run } from './support/shoal.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SHELL = fileURLToPath(new URL('../../scripts/grpcurl-shell', import.meta.url));
const DEMO = fileURLToPath(new URL('../../scripts/demo', import.meta.url));

type Shell = (...args: readonly string[]) => Promise<Run>;

function shellAt(address: string, input: string | Uint8Array = ''): Shell {
  return (...args) => {
    const running = run(SHELL, ['--addr', address, ...args]);
    running.child.stdin?.end(input);
    return running.ended;
  };
}

async function startShell(): Promise<Shell> {
  const cluster = await liveCluster({ nodes: 1 });
  return shellAt(cluster.node('n1').spec.listen);
}

test('the shell puts, gets, deletes; an absent key has an exit code of its own', async () => {
  const shell = await startShell();
  expect(await shell('get', 'b', 'k')).toMatchObject({ code: 3, out: '' });
  expect(await shell('put', 'b', 'k', 'v')).toMatchObject({ code: 0 });
  expect(await shell('get', 'b', 'k')).toMatchObject({ code: 0, out: 'v\n' });
  expect(await shell('del', 'b', 'k')).toMatchObject({ code: 0 });
  expect(await shell('get', 'b', 'k')).toMatchObject({ code: 3 });
});

test('through the shell any text comes back as it went in', async () => {
  const shell = await startShell();
  const text = 'it\'s "quoted" \\n é 😀 <&> {"a": 1}\nsecond line\ttab';
  await shell('put', 'a bucket', 'a "key"', text);
  expect(await shell('get', 'a bucket', 'a "key"')).toMatchObject({ code: 0, out: `${text}\n` });
});

test.each([
  ['a NUL', Buffer.from('a\0b')],
  ['no UTF-8', Buffer.from([0x66, 0xff, 0xfe, 0x0a])],
])('from stdin the shell writes what has %s as bytes, and none is lost', async (_, bytes) => {
  const { listen } = (await liveCluster({ nodes: 1 })).node('n1').spec;
  expect(await shellAt(listen, bytes)('put', 'b', 'k', '-')).toMatchObject({ code: 0 });
  const { out } = await shellAt(listen)('call', 'KV/Get', '{"bucket": "b", "key": "k"}');
  expect(JSON.parse(out).siblings[0].value).toEqual({ bytes: bytes.toString('base64') });
});

test('the shell prints bytes as they are', async () => {
  const { listen } = (await liveCluster({ nodes: 1 })).node('n1').spec;
  await shellAt(listen, 'a\0b\n')('put', 'b', 'k', '-');
  expect(await shellAt(listen)('get', 'b', 'k')).toMatchObject({ code: 0, out: 'a\0b\n' });
});

test('text from stdin stays text, its last line ends and all; what is too large is refused', async () => {
  const { listen } = (await liveCluster({ nodes: 1 })).node('n1').spec;
  await shellAt(listen, 'Grüße\n\n')('put', 'b', 'k', '-');
  const { out } = await shellAt(listen)('call', 'KV/Get', '{"bucket": "b", "key": "k"}');
  expect(JSON.parse(out).siblings[0].value).toEqual({ text: 'Grüße\n\n' });
  const large = await shellAt(listen, Buffer.alloc(1024 * 1024 + 1))('put', 'b', 'k', '-');
  expect(large).toMatchObject({ code: 1, err: 'the value is larger than 1048576 bytes\n' });
});

test('where nobody listens the shell says so', async () => {
  const gone = shellAt('127.0.0.1:1');
  for (const args of [['get', 'b', 'k'], ['services']]) {
    expect(await gone(...args)).toMatchObject({ code: 1, out: '', err: 'no node answers at 127.0.0.1:1\n' });
  }
});

test('the shell shows siblings, and writes one in their place with their context', async () => {
  const shell = await startShell();
  await shell('put', 'b', 'k', 'bread', '--blind');
  await shell('put', 'b', 'k', 'butter', '--blind');
  const both = await shell('get', 'b', 'k');
  expect(both.code).toBe(4);
  expect(both.out.match(/bread|butter/g)?.sort()).toEqual(['bread', 'butter']);
  const context = /^context: (\S+)$/m.exec(both.err)![1]!;
  await shell('put', 'b', 'k', 'both', '--context', context);
  expect(await shell('get', 'b', 'k')).toMatchObject({ code: 0, out: 'both\n' });
});

test('the shell offers the public services only, and calls any of their methods', async () => {
  const shell = await startShell();
  const { out } = await shell('services');
  expect(out.trim().split('\n').sort()).toEqual(
    expect.arrayContaining(['grpc.health.v1.Health', 'shoal.v1.Cluster', 'shoal.v1.KV']),
  );
  expect(out).not.toContain('peer');
  expect(JSON.parse((await shell('call', 'grpc.health.v1.Health/Check', '{}')).out)).toEqual({
    status: 'SERVING',
  });
  expect(JSON.parse((await shell('locate', 'b', 'k')).out).primaries).toHaveLength(1);
});

test('the shell has a node repair now', async () => {
  const shell = await startShell();
  expect(JSON.parse((await shell('repair')).out)).toEqual({ node: 'n1', asked: '1' });
});

test('an error says in its own words what was wrong', async () => {
  const shell = await startShell();
  const { code, err } = await shell('put', 'b', '', 'v');
  expect(code).toBe(1);
  expect(err).toContain('BAD_KEY: key is empty (not applied)');
});

test('at its prompt, blanks can be quoted and the last context named', async () => {
  const cluster = await liveCluster({ nodes: 1 });
  const typed = [
    'put b "two words" \'it is\'',
    'get b "two words"',
    'put b "two words" over --context last',
    'quit',
  ];
  const shell = shellAt(cluster.node('n1').spec.listen, `${typed.join('\n')}\n`);
  expect(await shell()).toMatchObject({ code: 0, out: 'it is\n' });
  expect(await shellAt(cluster.node('n1').spec.listen)('get', 'b', 'two words')).toMatchObject({
    out: 'over\n',
  });
});

test.each([
  `call KV/Get '{"bucket": "b", "key": "two words"}'`,
  'call KV/Get {"bucket": "b", "key": "two words"}',
])('at its prompt JSON may be quoted or bare: %s', async typed => {
  const { listen } = (await liveCluster({ nodes: 1 })).node('n1').spec;
  const { code, out, err } = await shellAt(listen, `${typed}\nquit\n`)();
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toHaveProperty('replicas');
});

/** A line of bash in which `shoal` is the command. */
function bash(line: string): Promise<Run> {
  return run('bash', ['-c', `shoal() { "$0" "${MAIN}" "$@"; }; ${line}`, process.execPath]).ended;
}

test.each([
  ['a directory', 'shoal put b k - --addr 127.0.0.1:1 < /', 'shoal: stdin is a directory\n'],
  [
    'no end',
    'yes | shoal put b k - --addr 127.0.0.1:1',
    /^shoal: BAD_VALUE: .* at most 1048576 are allowed.*\n$/,
  ],
  ['nowhere to write', 'shoal --version > /dev/full', /^shoal: cannot write to stdout: ENOSPC.*\n$/],
])('shoal ends with 1 and one line, given %s', async (_, line, said) => {
  const { code, out, err } = await bash(line);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toEqual(typeof said === 'string' ? said : expect.stringMatching(said));
});

test('make tells of each target in one line', async () => {
  const { code, out, err } = await run('make', ['-s', '-C', ROOT, 'help']).ended;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const [targets] = /(?<=^\.PHONY: ).*$/m.exec(readFileSync(`${ROOT}/Makefile`, 'utf8'))!;
  const told = out.split('\n').map(line => /^make (\S+) +\S/.exec(line)?.[1] ?? line);
  expect(told.sort()).toEqual(['', ...targets.split(' ').sort()]);
});

test('the tour ends by itself, and shows what it promises', async () => {
  const { code, out, err } = await run(DEMO, []).ended;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('has 2 concurrent versions');
  expect(out).toContain('That was the tour.');
});
