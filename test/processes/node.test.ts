/**
 * `shoal node` and its operator: what it says when it cannot start, while it waits, and when it is told to
 * go.
 */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { Calls, textsOf } from './support/calls.ts';
import { freeAddresses } from './support/free-ports.ts';
import { liveCluster, preparedCluster } from './support/live-cluster.ts';
import { MAIN } from './support/live-node.ts';
import { run, shoal, startShoal } from './support/shoal.ts';
import { until } from './support/until.ts';

async function aloneArguments(): Promise<readonly string[]> {
  const [listen, peerListen] = await freeAddresses(2);
  const data = join(await tempDir(), 'data');
  return ['node', '--name', 'n1', '--data', data, '--listen', listen!, '--peer-listen', peerListen!];
}

test('alone it founds a cluster of one, says so in a line, and drains when told', async () => {
  const args = await aloneArguments();
  const node = startShoal(args);
  await until('it serves', async () => node.printed.out.includes('\n'));
  expect(node.printed.out).toMatch(
    /^n1 serves clients on 127\.0\.0\.1:\d+, nodes on 127\.0\.0\.1:\d+, cluster [0-9a-f]{16}\n$/,
  );
  node.child.kill('SIGTERM');
  expect(await node.ended).toMatchObject({ code: 0 });
});

test('while others are missing it says who, and ends when told', async () => {
  const cluster = await preparedCluster();
  const first = cluster.node('n1');
  first.launch(['--log', 'text']);
  await until('it says that it waits', async () => first.lines.some(line => /waiting/.test(line)));
  expect(await first.stop()).toEqual({ code: 0, signal: null });
});

test('a second signal ends it at once', async () => {
  const cluster = await liveCluster({ nodes: 1 });
  const node = cluster.node('n1');
  node.freeze(); // so that both arrive before it can act on the first
  node.signal('SIGTERM');
  node.signal('SIGINT');
  node.thaw();
  expect(await node.ended()).toEqual({ code: 1, signal: null });
});

test.each([
  ['no name', ['node', '--data', 'd']],
  ['a port that is none', ['node', '--name', 'n1', '--data', 'd', '--listen', 'localhost']],
  ['a flag nobody knows', ['node', '--name', 'n1', '--data', 'd', '--leader']],
])('bad usage, %s: exit 2 and nothing done', async (_, args) => {
  const { code, out, err } = await shoal(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).not.toBe('');
});

/** One line on stderr, exit 1. */
async function refused(args: readonly string[]): Promise<string> {
  const { code, out, err } = await shoal(args);
  expect({ code, out, lines: err.trimEnd().split('\n') }).toEqual({
    code: 1,
    out: '',
    lines: [expect.any(String)],
  });
  return err;
}

test('a used data directory is refused', async () => {
  const args = await aloneArguments();
  const node = startShoal(args);
  await until('the first serves', async () => node.printed.out.includes('\n'));
  const [listen, peerListen] = await freeAddresses(2);
  const other = ['--listen', listen!, '--peer-listen', peerListen!];
  expect(await refused([...args.slice(0, 5), ...other])).toContain('used by another process');
});

test('a used port is refused', async () => {
  const args = await aloneArguments();
  const node = startShoal(args);
  await until('the first serves', async () => node.printed.out.includes('\n'));
  const elsewhere = args.map(arg => (arg.endsWith('/data') ? `${arg}-2` : arg));
  expect(await refused(elsewhere)).toContain('in use');
});

test.each([
  ['below a file', '/dev/null/data'],
  ['where nobody can make one', '/proc/shoal'],
])('a data directory %s is refused', async (_, data) => {
  const args = await aloneArguments();
  const elsewhere = args.map(arg => (arg.endsWith('/data') ? data : arg));
  expect(await refused(elsewhere)).toContain('cannot be used');
});

test('when its disk takes no more it says so, refuses writes and keeps reading', async () => {
  const args = await aloneArguments();
  const limited = `ulimit -f 1024; exec '${process.execPath}' '${MAIN}' "$@"`; // no file beyond 1 MiB
  const node = run('bash', ['-c', limited, 'bash', ...args]);
  await until('it serves', async () => node.printed.out.includes('\n'));
  const calls = new Calls(args[args.indexOf('--listen') + 1]!);
  onTestFinished(() => calls.close());
  await calls.put({ bucket: 'b', key: 'small', value: { text: 'v' } });
  const large = Buffer.alloc(700_000);
  await calls.put({ bucket: 'b', key: 'fits', value: { bytes: large } });
  const tooMuch = calls.put({ bucket: 'b', key: 'does not', value: { bytes: large } });
  await expect(tooMuch).rejects.toMatchObject({ reason: 'STORAGE_FAULTED', outcome: 'unknown' });
  const later = calls.put({ bucket: 'b', key: 'tiny', value: { text: 'v' } });
  await expect(later).rejects.toMatchObject({ reason: 'STORAGE_FAULTED' });
  expect(textsOf(await calls.get({ bucket: 'b', key: 'small' }))).toEqual(['v']);
  expect((await calls.status()).state).toBe('storage-faulted');
  node.child.kill('SIGTERM');
  expect(await node.ended).toMatchObject({ code: 1 });
});
