/**
 * `shoal load` against real nodes: finds them and their CPU, checks what it wrote while one is killed, ends
 * when told to.
 */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sharedCluster } from './support/live-cluster.ts';
import { run, startShoal } from './support/shoal.ts';
import { until } from './support/until.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/load', import.meta.url));
const cluster = sharedCluster();

const addresses = () =>
  cluster()
    .nodes.map(({ spec }) => spec.listen)
    .join();

test('a run of every kind of operation, from the script, with nodes found by their ports', async () => {
  const args = ['--load', '--check', '--keys', '200', '--warm-up', '0', '--operations', '1500'];
  const mix = ['--mix', 'read=4,update=3,rmw=1,insert=1,delete=1'];
  const { code, out, err } = await run(SCRIPT, ['--addr', addresses(), ...args, ...mix, '-o', 'json']).ended;
  expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('zipfian over 200 keys') });
  const { all, failed, check, kinds, processes } = JSON.parse(out);
  expect({ count: all.count, failed: failed.count, lost: check.lost }).toEqual({
    count: 1500,
    failed: 0,
    lost: [],
  });
  expect(Object.keys(kinds)).toEqual(['read', 'update', 'insert', 'rmw', 'delete']);
  if (process.platform !== 'linux') return;
  expect(processes.map(({ name }: { name: string }) => name)).toEqual(['load', 'n1', 'n2', 'n3']);
  for (const { residentBytes } of processes) expect(residentBytes).toBeGreaterThan(2 ** 20);
});

test('no acknowledged write is missed though a node is killed meanwhile', async () => {
  const args = ['--seconds', '60', '--warm-up', '0', '--keys', '100', '--load', '--check', '--strict'];
  const load = startShoal(['load', '--addr', addresses(), ...args, '--in-flight', '16']);
  const measured = () => /^ +\d+ s {2}measured/m.test(load.printed.err);
  await until('it is measured', async () => measured());
  await cluster().node('n3').kill();
  const seen = load.printed.err.length;
  await until('it goes on', async () => / [1-9]\d* ops\/s/.test(load.printed.err.slice(seen)));
  await cluster().node('n3').start();
  load.child.kill('SIGINT');
  const { code, out } = await load.ended;
  expect(out).toMatch(/^throughput .* ended early$/m);
  expect(out).toMatch(/read back: none lost$/m);
  expect(code).toBe(0);
});
