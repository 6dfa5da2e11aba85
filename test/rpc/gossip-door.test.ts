/** Gossip and probes over a real port, as a real node answers: what is foreign is refused and counted. */
import { Buffer } from 'node:buffer';
import { status } from '@grpc/grpc-js';
import { beforeEach, describe, expect, test } from 'vitest';
import { bootId, clusterId, nodeName } from '../../src/base/ids.ts';
import { VERSION_MAX } from '../../src/core/membership/view.ts';
import type { Gossip } from '../../src/ports/gossip.ts';
import type { Stamp } from '../../src/ports/stamp.ts';
import { peerProtocol } from '../../src/rpc/peer-protocol.ts';
import { gossipMessage } from '../../src/wire/gossip.ts';
import { StampWriter } from '../../src/wire/stamp.ts';
import { type Process, Town } from '../membership/support/town.ts';
import { protos } from '../support/grpc.ts';
import { sampleMember } from '../support/samples.ts';
import { callWithin, N2, openPeer, openRemotes } from './peer-support.ts';
import { rawLink } from './stream-support.ts';

const { gossipRequest, probeRequest } = protos.messages;
const protocol = peerProtocol(protos.messages);

let n1: Process;
let n2: Process;
let n3: Process;
/** Of n2. */
let address: string;
/** Of n1, to n2. */
let stamp: Stamp;

beforeEach(async () => {
  [n1, n2, n3] = (await new Town().cluster(3)) as [Process, Process, Process];
  ({ address } = await openPeer({ gossip: n2.node.gossip }));
  const { cluster, ringDigest } = n1.status;
  const way = { sender: nodeName('n1'), recipient: N2, bootId: n1.bootId };
  stamp = { clusterId: cluster!.id, epoch: 1, ringDigest, ...way };
});

/** That n3 is down, by its own word: it would be believed. */
const said = (): Gossip => ({
  digest: '00'.repeat(8),
  entries: [{ ...sampleMember('n3'), version: 2 ** 20, state: 'down', suspectedBy: [] }],
  whole: false,
  store: { id: 'ee'.repeat(16), lastBatch: 0 },
});

const gossiper = (more: Partial<Stamp> = {}) =>
  openRemotes(() => address, { stamp: { ...stamp, ...more } }).remotes.gossiper(N2);

test('what a member says is heard and answered', async () => {
  const answer = await gossiper().gossip(said(), callWithin(5_000));
  expect(answer.entries.map(({ name }) => name)).toContain('n2');
  expect([n2.takes('n3'), n2.counted('gossip.refused')]).toEqual(['down', 0]);
});

const FOREIGN: readonly [what: string, more: Partial<Stamp>][] = [
  ['another cluster', { clusterId: clusterId('ee'.repeat(8)) }],
  ['another ring of the same epoch', { ringDigest: 'ee'.repeat(16) }],
  ['a stranger', { sender: nodeName('n9') }],
  ['itself', { sender: N2 }],
  ['somebody who means another node', { recipient: nodeName('n3') }],
];

test.each([...FOREIGN, ['another process of that member', { bootId: bootId('ee'.repeat(16)) }] as const])(
  'gossip of %s is refused and counted',
  async (_, more) => {
    const told = gossiper(more).gossip({ ...said(), entries: [] }, callWithin(5_000));
    await expect(told).rejects.toMatchObject({ failure: 'refused' });
    expect(n2.counted('gossip.refused')).toBe(1);
  },
);

test.each(FOREIGN)('what %s says is not believed, and no probe is made for it', async (_, more) => {
  const foreign = gossiper(more);
  const refused = { failure: 'refused' };
  await expect(foreign.gossip(said(), callWithin(5_000))).rejects.toMatchObject(refused);
  await expect(foreign.probe(nodeName('n3'), callWithin(5_000))).rejects.toMatchObject(refused);
  expect([n2.takes('n3'), n2.counted('gossip.refused')]).toEqual(['alive', 2]);
});

describe('what makes no sense is refused and counted, and nothing of it is applied', () => {
  const stampBytes = () => Buffer.from(new StampWriter(protos.messages).bytesOf(stamp));
  const message = () => gossipMessage(said());
  const entry = () => message().entries![0]!;
  const bytes = (gossip: object) => gossipRequest.encode({ stamp: stampBytes(), gossip });

  test.each<[what: string, method: 'Gossip' | 'Probe', body: () => Uint8Array]>([
    ['gossip that says nothing', 'Gossip', () => gossipRequest.encode({ stamp: stampBytes() })],
    ['gossip without a stamp', 'Gossip', () => gossipRequest.encode({ gossip: message() })],
    [
      'a stamp that is none',
      'Gossip',
      () => gossipRequest.encode({ stamp: Buffer.from('me'), gossip: message() }),
    ],
    ['a digest that is none', 'Gossip', () => bytes({ ...message(), digest: 'digest' })],
    ['a member twice', 'Gossip', () => bytes({ ...message(), entries: [entry(), entry()] })],
    ['version 0', 'Gossip', () => bytes({ ...message(), entries: [{ ...entry(), version: 0 }] })],
    ['version 2^53', 'Gossip', () => bytes({ ...message(), entries: [{ ...entry(), version: 2 ** 53 }] })],
    [
      'version 2^52 + 1',
      'Gossip',
      () => bytes({ ...message(), entries: [{ ...entry(), version: VERSION_MAX + 1 }] }),
    ],
    ['a probe for nobody', 'Probe', () => probeRequest.encode({ stamp: stampBytes(), target: '' })],
    ['a probe without a stamp', 'Probe', () => probeRequest.encode({ target: 'n3' })],
  ])('%s', async (_, method, body) => {
    const failure = await rawLink(address).asked({
      method: protocol[method].number,
      body: Buffer.from(body()),
    });
    expect(failure).toMatchObject({
      message: 'the message is malformed',
      metadata: { 'replica-failure': 'refused' },
    });
    expect([n2.takes('n3'), n2.counted('gossip.refused')]).toEqual(['alive', 1]);
  });

  test.each(['Gossip', 'Probe'] as const)(
    'a %s that is no message does not even come so far',
    async method => {
      const { number } = protocol[method];
      const failure = await rawLink(address).asked({ method: number, body: Buffer.from([0x0a, 0xff]) });
      expect(failure).toMatchObject({ status: status.INVALID_ARGUMENT });
      expect(n2.takes('n3')).toBe('alive');
    },
  );
});

describe('a probe', () => {
  const probe = (target: string) => gossiper().probe(nodeName(target), callWithin(5_000));

  test('of a member that answers, and of the one that asks: it does', async () => {
    expect([await probe('n3'), await probe('n1')]).toEqual([true, true]);
  });

  test('of a member that is gone: it does not', async () => {
    n3.kill();
    expect(await probe('n3')).toBe(false);
  });

  test.each(['n2', 'n9'])(
    'of %s, the one that is asked or a stranger, is refused and counted',
    async target => {
      await expect(probe(target)).rejects.toMatchObject({
        failure: 'refused',
        message: `${target} is no other member`,
      });
      expect(n2.counted('gossip.refused')).toBe(1);
    },
  );
});
