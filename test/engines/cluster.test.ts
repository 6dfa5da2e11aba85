import { expect, it } from 'vitest';
import type { GetReply, PutRequest, WriteReply } from '../../src/ports/requests.ts';
import { callFor, TestCluster } from '../support/cluster.ts';

const EMPTY = new Uint8Array();

function put(
  cluster: TestCluster,
  at: string,
  options: Partial<PutRequest> & { key: string; text: string },
): Promise<WriteReply> {
  const { text, ...rest } = options;
  const request = {
    bucket: 'b',
    value: Buffer.from(`\x01${text}`),
    context: EMPTY,
    w: 0,
    strict: false,
    writeId: undefined,
    overwrite: false,
    ...rest,
  };
  return cluster.node(at).requests.put(request, callFor(3_000));
}

function get(
  cluster: TestCluster,
  at: string,
  { key, r = 0, strict = false }: { key: string; r?: number; strict?: boolean },
): Promise<GetReply> {
  return cluster.node(at).requests.get({ bucket: 'b', key, r, strict }, callFor(3_000));
}

const texts = ({ siblings }: { siblings: GetReply['siblings'] }) =>
  siblings.map(({ value }) => Buffer.from(value).toString('utf8', 1)).sort();

it('three nodes found a cluster, and each answers for what another took', async () => {
  const cluster = await TestCluster.serving(3);
  await put(cluster, 'n1', { key: 'k', text: 'v' });
  for (const name of cluster.names) expect(texts(await get(cluster, name, { key: 'k' }))).toEqual(['v']);
});
