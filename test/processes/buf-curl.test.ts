/**
 * A client that is not ours, written in Go, knowing nothing but what reflection tells it: every public
 * method, in both spellings.
 */
import { Buffer } from 'node:buffer';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sharedCluster } from './support/live-cluster.ts';
import { type Run, run } from './support/shoal.ts';

const BUF = fileURLToPath(new URL('../../node_modules/.bin/buf', import.meta.url));
const GRPC = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge'];

const cluster = sharedCluster();

const url = (path: string) => `http://${cluster().node('n1').spec.listen}${path}`;

function buf(args: readonly string[]): Promise<Run> {
  return run(BUF, [...GRPC, ...args]).ended;
}

async function call(method: string, request: unknown): Promise<Record<string, unknown>> {
  const { code, out, err } = await buf(['-d', JSON.stringify(request), url(`/${method}`)]);
  expect({ code, err }, method).toEqual({ code: 0, err: '' });
  return JSON.parse(out || '{}');
}

const KEY = { bucket: 'b', key: 'k' };
const text = (value: string) => expect.objectContaining({ value: { text: value } });

test('reflection lists the public services and methods, none of the peers', async () => {
  const services = await buf(['--list-services', url('')]);
  expect(services.out.trim().split('\n')).toEqual(
    expect.arrayContaining(['grpc.health.v1.Health', 'shoal.v1.Cluster', 'shoal.v1.KV']),
  );
  expect(services.out).not.toContain('peer');
  const methods = await buf(['--list-methods', url('')]);
  for (const method of [
    'KV/Get',
    'KV/Put',
    'KV/Delete',
    'Cluster/Status',
    'Cluster/Locate',
    'Cluster/Ring',
    'Cluster/Repair',
  ]) {
    expect(methods.out).toContain(`shoal.v1.${method}`);
  }
});

test('an absent key, a put, a get, siblings with their context, a delete', async () => {
  expect(await call('shoal.v1.KV/Get', KEY)).not.toHaveProperty('siblings');
  await call('shoal.v1.KV/Put', { ...KEY, value: { text: 'one' }, w: 3, strict: true });
  const put = await call('shoal.v1.KV/Put', { ...KEY, value: { text: 'two' } });
  expect(put.siblings).toEqual([text('one')]);
  const both = await call('shoal.v1.KV/Get', { ...KEY, r: 3, strict: true });
  expect(both.siblings).toEqual(expect.arrayContaining([text('one'), text('two')]));
  await call('shoal.v1.KV/Put', { ...KEY, value: { text: 'three' }, context: both.context });
  expect((await call('shoal.v1.KV/Get', KEY)).siblings).toEqual([text('three')]);
  await call('shoal.v1.KV/Delete', KEY);
  expect(await call('shoal.v1.KV/Get', KEY)).not.toHaveProperty('siblings');
});

test.each(['write_id', 'writeId'])(
  'the field %s by this spelling makes a repeated put one write',
  async field => {
    const put = {
      bucket: 'b',
      key: field,
      value: { bytes: Buffer.from('bytes').toString('base64') },
      [field]: Buffer.alloc(16, 9).toString('base64'),
    };
    await call('shoal.v1.KV/Put', put);
    await call('shoal.v1.KV/Put', put);
    const { siblings } = await call('shoal.v1.KV/Get', { bucket: 'b', key: field });
    expect(siblings).toEqual([
      expect.objectContaining({ value: put.value, writtenAtMs: expect.any(String) }),
    ]);
  },
);

test('status, locate, ring, a round of repair and health', async () => {
  const status = await call('shoal.v1.Cluster/Status', {});
  expect(status).toMatchObject({ node: 'n1', state: 'serving', replication: 3 });
  expect(status.members).toHaveLength(3);
  const { primaries } = await call('shoal.v1.Cluster/Locate', KEY);
  expect(primaries).toHaveLength(3);
  const ring = await call('shoal.v1.Cluster/Ring', {});
  expect(ring).toMatchObject({ node: 'n1', epoch: '1', replication: 3, clusterId: status.clusterId });
  expect(ring.members).toMatchObject([{ name: 'n1' }, { name: 'n2' }, { name: 'n3' }]);
  expect(ring.primaries).toHaveLength(256);
  const repair = await call('shoal.v1.Cluster/Repair', {});
  expect(repair).toEqual({ node: 'n1', asked: '1' });
  const told = await call('shoal.v1.Cluster/Status', {});
  expect(told.repair).toMatchObject({
    asked: '1',
    with: [
      { node: 'n2', up: true },
      { node: 'n3', up: true },
    ],
  });
  expect(await call('grpc.health.v1.Health/Check', { service: 'shoal.v1.KV' })).toEqual({
    status: 'SERVING',
  });
});

test('two operations of one pipeline are each answered, and what fails fails for itself', async () => {
  const put = { ...KEY, key: 'piped', value: { text: 'v' } };
  const ops = [
    { id: 1, put },
    { id: 2, budget_ms: 5_000, get: { ...KEY, r: 9 } },
  ];
  const { code, out, err } = await buf(['-d', JSON.stringify({ ops }), url('/shoal.v1.KV/Pipeline')]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const frames = JSON.parse(`[${out.trim().replaceAll(/^}\n{/gm, '},{')}]`) as {
    results: { id: string }[];
  }[];
  const results = frames.flatMap(frame => frame.results).sort((a, b) => a.id.localeCompare(b.id));
  expect(results).toMatchObject([
    { id: '1', put: { replicas: { required: 2 } } },
    { id: '2', failure: { status: 3, reason: 'BAD_QUORUM', metadata: { outcome: 'not applied' } } },
  ]);
  expect((await call('shoal.v1.KV/Get', { ...KEY, key: 'piped' })).siblings).toEqual([text('v')]);
});

test('an error arrives with its status, its sentence and its details', async () => {
  const { code, err } = await buf(['-d', JSON.stringify({ ...KEY, r: 9 }), url('/shoal.v1.KV/Get')]);
  expect(code).not.toBe(0);
  const { code: status, message, details } = JSON.parse(err);
  expect(status).toBe('invalid_argument');
  expect(message).toMatch(/^BAD_QUORUM: .* \(not applied\)$/);
  expect(JSON.stringify(details)).toContain('ErrorInfo');
});
