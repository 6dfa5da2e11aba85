/** Gossip is read whole or not at all: what it says of members is believed by all who hear of it. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeName } from '../../src/base/ids.ts';
import { NODES_MAX } from '../../src/core/limits.ts';
import { type Entry, VERSION_MAX } from '../../src/core/membership/view.ts';
import type { Entry__Output } from '../../src/gen/shoal/peer/v1/Entry.ts';
import type { Gossip__Output } from '../../src/gen/shoal/peer/v1/Gossip.ts';
import type { Member__Output } from '../../src/gen/shoal/peer/v1/Member.ts';
import type { Gossip } from '../../src/ports/gossip.ts';
import { gossipMessage, readGossip, readTarget } from '../../src/wire/gossip.ts';
import { loadMessages } from '../../src/wire/messages.ts';
import { sampleGossip, sampleMember } from '../support/samples.ts';

const { gossipRequest } = loadMessages();

const bytesOf = (said: Gossip) => gossipRequest.encode({ gossip: gossipMessage(said) });
const arrived = (said = sampleGossip()): Gossip__Output => gossipRequest.decode(bytesOf(said)).gossip!;
const entry = (name: string, more: Partial<Entry> = {}): Entry => ({
  ...sampleMember(name),
  version: 1,
  state: 'alive',
  suspectedBy: [],
  ...more,
});

describe('arrives as it was sent', () => {
  test('with a member in each state', () => {
    expect(readGossip(arrived())).toEqual(sampleGossip());
    expect(new Set(sampleGossip().entries.map(({ state }) => state)).size).toBe(4);
  });

  test.each([true, false])('with nothing to tell, whole %s', whole => {
    const said = { ...sampleGossip(), entries: [], whole };
    expect(readGossip(arrived(said))).toEqual(said);
  });

  test('with as many members as a cluster has, and with the largest numbers', () => {
    const entries = Array.from({ length: NODES_MAX }, (_, i) =>
      entry(`n${1_000 + i}`, { version: VERSION_MAX }),
    );
    const said = { ...sampleGossip(), entries, store: { id: '0c'.repeat(16), lastBatch: 2 ** 53 - 1 } };
    expect(readGossip(arrived(said))).toEqual(said);
  });
});

describe('is refused with', () => {
  const all = (more: Partial<Gossip__Output>) => (gossip: Gossip__Output) => Object.assign(gossip, more);
  const entries =
    (change: (gossip: Gossip__Output) => readonly Entry__Output[]) => (gossip: Gossip__Output) =>
      Object.assign(gossip, { entries: change(gossip) });
  const first = (more: Partial<Entry__Output>) => (gossip: Gossip__Output) =>
    Object.assign(gossip.entries[0]!, more);
  const member = (more: Partial<Member__Output>) => (gossip: Gossip__Output) =>
    Object.assign(gossip.entries[0]!.member!, more);
  const suspecters =
    (...suspectedBy: readonly string[]) =>
    (gossip: Gossip__Output) =>
      Object.assign(gossip.entries[1]!, { suspectedBy });
  const many = (gossip: Gossip__Output, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const { member, ...rest } = gossip.entries[0]!;
      return { ...rest, member: { ...member!, name: `n${1_000 + i}` } };
    });

  test.each<[string, (gossip: Gossip__Output) => void]>([
    ['no digest', all({ digest: '' })],
    ['a digest that is too long', all({ digest: 'ab'.repeat(9) })],
    ['a digest that is none', all({ digest: 'x'.repeat(16) })],
    ['a store that is none', all({ storeId: 'store' })],
    ['a batch of 2^53', all({ lastBatch: 2 ** 53 })],
    ['a batch of NaN', all({ lastBatch: Number.NaN })],
    ['a batch before the first', all({ lastBatch: -1 })],
    ['one member more than a cluster has', entries(g => many(g, NODES_MAX + 1))],
    ['members out of order', entries(g => [...g.entries].reverse())],
    ['a member twice', entries(g => [g.entries[0]!, g.entries[0]!])],
    ['an entry of nobody', first({ member: null })],
    ['a nameless member', member({ name: '' })],
    ['a member without an address', member({ peerAddress: '' })],
    ['an address of 1 MiB', member({ address: `${'a'.repeat(2 ** 20)}:1` })],
    ['a process that is none', member({ bootId: '' })],
    ['a weight of 0', member({ weight: 0 })],
    ['version 0: who never spoke is not gossiped about', first({ version: 0 })],
    ['a version before the first', first({ version: -1 })],
    ['version 2^52 + 1', first({ version: VERSION_MAX + 1 })],
    ['version 2^53', first({ version: 2 ** 53 })],
    ['version NaN', first({ version: Number.NaN })],
    ['no state', first({ state: 0 })],
    ['a state that is none', first({ state: 5 as never })],
    ['suspecters of one that is alive', first({ suspectedBy: ['n2'] })],
    ['more suspecters than count', suspecters('n1', 'n2', 'n3', 'n4')],
    ['suspecters out of order', suspecters('n2', 'n1')],
    ['a suspecter twice', suspecters('n1', 'n1')],
    ['a nameless suspecter', suspecters('')],
  ])('%s', (_, harm) => {
    const gossip = arrived();
    harm(gossip);
    expect(readGossip(gossip)).toBeUndefined();
  });

  test('nothing at all', () => {
    expect(readGossip(null)).toBeUndefined();
  });
});

test('a probe is for a node by name', () => {
  expect(readTarget('n1')).toBe(nodeName('n1'));
  expect(readTarget('')).toBeUndefined();
  expect(readTarget('n'.repeat(2 ** 16))).toBeUndefined();
});

/** What reads soundly is what a node could have sent. */
function expectNoThrow(bytes: Uint8Array): void {
  let message: Gossip__Output | null;
  try {
    message = gossipRequest.decode(bytes).gossip;
  } catch {
    return;
  }
  const read = readGossip(message);
  if (read !== undefined) expect(readGossip(arrived(read))).toEqual(read);
}

test('with any one byte changed, or cut off anywhere, is no message, or is refused, or reads soundly', () => {
  const whole = bytesOf(sampleGossip());
  const harm = fc.tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length));
  fc.assert(
    fc.property(harm, ([at, byte, end]) => {
      const bytes = Buffer.from(whole);
      bytes[at] = byte;
      expectNoThrow(bytes);
      expectNoThrow(whole.subarray(0, end));
    }),
    { numRuns: 1000 },
  );
});

test('of any bytes is no message, or is refused', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), expectNoThrow), { numRuns: 500 });
});
