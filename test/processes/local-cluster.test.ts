/** `shoal cluster`: what it prints, and that nothing of it is left behind, however it ends. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { firstUsed } from '../../src/cli/free-ports.ts';
import { tempDir } from '../support/temp-dir.ts';
import { freeAddresses } from './support/free-ports.ts';
import { lives, type Running, shoal, startShoal } from './support/shoal.ts';
import { until } from './support/until.ts';

/** A base port from which a cluster of three finds all six ports free. */
async function freeBasePort(): Promise<number> {
  for (;;) {
    const [address] = await freeAddresses(1);
    const base = Number(address!.split(':')[1]);
    const wanted = [0, 1, 10, 11, 20, 21].map(step => `127.0.0.1:${base + step}`);
    if ((await firstUsed(wanted)) === undefined) return base;
  }
}

/** @param more further arguments; data is kept in a folder of the test unless they are given */
async function startCluster(
  more?: readonly string[],
): Promise<{ running: Running; pids: readonly number[] }> {
  const data = more ?? ['--data', await tempDir()];
  const running = startShoal(['cluster', '--base-port', String(await freeBasePort()), ...data]);
  await until('all nodes serve', async () => running.printed.out.includes('All 3 nodes serve'));
  const pids = [...running.printed.out.matchAll(/ pid (\d+)/g)].map(match => Number(match[1]));
  onTestFinished(async () => {
    for (const pid of pids.filter(lives)) process.kill(pid, 'SIGKILL');
    await until('no node is left', async () => !pids.some(lives));
  });
  return { running, pids };
}

test('Ctrl-C stops every node and removes the temporary data', async () => {
  const { running, pids } = await startCluster([]);
  const folder = /Data: (\S+), removed/.exec(running.printed.out)![1]!;
  expect(existsSync(folder)).toBe(true);
  running.child.kill('SIGINT');
  const { code } = await running.ended;
  expect(code).toBe(0);
  expect(pids.filter(lives)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});

test('the lines it prints to be pasted work', async () => {
  const { running } = await startCluster();
  const pasted = [...running.printed.out.matchAll(/^ {2}node \S+ (put|get) (.*)$/gm)];
  const [put, get] = pasted.map(match => [match[1]!, ...match[2]!.split(' ')]);
  expect(await shoal(put!)).toMatchObject({ code: 0 });
  expect(await shoal(get!)).toEqual({ code: 0, out: 'red', err: '' });
});

test('when it is killed itself, its nodes notice and end', async () => {
  const { running, pids } = await startCluster();
  running.child.kill('SIGKILL');
  await until('no node is left', async () => !pids.some(lives));
});

test('a node that dies is reported with the line that starts it again; the others go on', async () => {
  const { running, pids } = await startCluster();
  process.kill(pids[2]!, 'SIGKILL');
  await until('it is reported', async () => running.printed.err.includes('n3 ended (killed by SIGKILL)'));
  expect(running.printed.err).toMatch(/^ {2}node \S+ node --name n3 --data \S+/m);
  expect(pids.slice(0, 2).every(lives)).toBe(true);
});

test('data of another number of nodes is refused in one line, and taken with its own', async () => {
  const data = await tempDir();
  const { running } = await startCluster(['--data', data]);
  running.child.kill('SIGINT');
  await running.ended;
  expect(await shoal(['cluster', '--nodes', '2', '--data', data])).toEqual({
    code: 1,
    out: '',
    err: `shoal: ${data} holds 3 nodes; give --nodes 3 or another --data\n`,
  });
  await startCluster(['--data', data]);
});

test('a port in use is one line with advice', async () => {
  const base = await freeBasePort();
  const taken = createServer().listen(base + 11, '127.0.0.1');
  onTestFinished(() => void taken.close());
  const { code, out, err } = await shoal(['cluster', '--base-port', String(base)]);
  expect({ code, out, lines: err.trimEnd().split('\n').length }).toEqual({ code: 1, out: '', lines: 1 });
  expect(err).toContain(`127.0.0.1:${base + 11} is in use`);
});
