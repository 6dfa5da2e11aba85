/** A greeting founds clusters and hands out rings: it is believed whole or not at all. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Greeting__Output } from '../../src/gen/shoal/peer/v1/Greeting.ts';
import { greetingMessage, readGreeting } from '../../src/wire/greeting.ts';
import { loadMessages } from '../../src/wire/messages.ts';
import { sampleGreeting } from '../support/samples.ts';

const { meetRequest } = loadMessages();

const bytesOf = (greeting = sampleGreeting()) => meetRequest.encode({ greeting: greetingMessage(greeting) });
const arrived = (): Greeting__Output => meetRequest.decode(bytesOf()).greeting!;

test('arrives as it was sent', () => {
  expect(readGreeting(arrived())).toEqual(sampleGreeting());
});

test('that only names its cluster arrives as it was sent, without a ring', () => {
  const named = { ...sampleGreeting(), cluster: undefined };
  expect(readGreeting(meetRequest.decode(bytesOf(named)).greeting)).toEqual(named);
});

test('that brings a ring names it by that, whatever it calls it', () => {
  const named = { ...sampleGreeting().named!, ringDigest: '' };
  expect(readGreeting(meetRequest.decode(bytesOf({ ...sampleGreeting(), named })).greeting)).toEqual(
    sampleGreeting(),
  );
});

test('of a node that knows nobody yet arrives as it was sent', () => {
  const lonely = {
    ...sampleGreeting(),
    expect: undefined,
    founder: undefined,
    members: [],
    met: [],
    vote: undefined,
    named: undefined,
    cluster: undefined,
    incarnation: undefined,
    highestCounter: 0,
  };
  expect(readGreeting(meetRequest.decode(bytesOf(lonely)).greeting)).toEqual(lonely);
});

describe('is refused with', () => {
  const many = <T>(item: T, count: number): T[] => Array.from({ length: count }, () => item);
  /** Sorted, each with a name of its own. */
  const named = <T>(item: T, count: number): T[] =>
    many(item, count).map((one, i) => ({ ...one, name: `n${1000 + i}` }));

  test.each<[string, (greeting: Greeting__Output) => void]>([
    [
      'nobody who speaks',
      g => {
        g.self = null;
      },
    ],
    [
      'a nameless member',
      g => {
        g.members[0]!.name = '';
      },
    ],
    [
      'a member twice',
      g => {
        g.members[1] = g.members[0]!;
      },
    ],
    [
      'members out of order',
      g => {
        g.members.reverse();
      },
    ],
    [
      'founders out of order',
      g => {
        g.met.reverse();
      },
    ],
    [
      'a member without an address',
      g => {
        g.members[0]!.peerAddress = '';
      },
    ],
    [
      'an address of 1 MiB',
      g => {
        g.self!.address = `${'a'.repeat(2 ** 20)}:1`;
      },
    ],
    [
      'a boot id that is none',
      g => {
        g.self!.bootId = 'boot';
      },
    ],
    [
      'a weight of 0',
      g => {
        g.self!.weight = 0;
      },
    ],
    [
      'a weight of 2^32-1',
      g => {
        g.met[0]!.weight = 2 ** 32 - 1;
      },
    ],
    [
      'a weight of NaN',
      g => {
        g.founder!.weight = Number.NaN;
      },
    ],
    [
      'a nonce that is none',
      g => {
        g.founder!.nonce = '';
      },
    ],
    [
      'more members than a cluster has',
      g => {
        g.members = named(g.members[0]!, 257);
      },
    ],
    [
      'more founders than a cluster has',
      g => {
        g.met = named(g.met[0]!, 257);
      },
    ],
    [
      'a vote for nobody',
      g => {
        g.vote!.founders = [];
      },
    ],
    [
      'a vote for one node twice',
      g => {
        g.vote!.founders[1] = g.vote!.founders[0]!;
      },
    ],
    [
      '2^32-1 nodes expected',
      g => {
        g.expect = 2 ** 32 - 1;
      },
    ],
    [
      'a counter of 2^53',
      g => {
        g.highestCounter = 2 ** 53;
      },
    ],
    [
      'a counter of NaN',
      g => {
        g.highestCounter = Number.NaN;
      },
    ],
    [
      'an incarnation of 7 bytes',
      g => {
        g.incarnation = Buffer.alloc(7);
      },
    ],
    [
      'a cluster without a ring',
      g => {
        g.cluster!.ring = null;
      },
    ],
    [
      'a cluster id that is none',
      g => {
        g.cluster!.id = 'shoal';
      },
    ],
    [
      'the name of a cluster whose id is none',
      g => {
        g.named = { id: 'shoal', epoch: 1, ringDigest: 'ab' };
      },
    ],
    [
      'the name of epoch 0',
      g => {
        g.named = { id: '00'.repeat(8), epoch: 0, ringDigest: 'ab' };
      },
    ],
    [
      'the name of epoch 2^53',
      g => {
        g.named = { id: '00'.repeat(8), epoch: 2 ** 53, ringDigest: 'ab' };
      },
    ],
    [
      'a ring digest of 1 MiB',
      g => {
        g.named = { id: '00'.repeat(8), epoch: 1, ringDigest: 'ab'.repeat(2 ** 19) };
      },
    ],
    [
      'a ring of epoch 0',
      g => {
        g.cluster!.ring!.epoch = 0;
      },
    ],
    [
      'a ring with too few partitions',
      g => {
        g.cluster!.ring!.primaries.pop();
      },
    ],
    [
      'a ring with too many partitions',
      g => {
        g.cluster!.ring!.primaries = many({ members: [0, 1, 2] }, 100_000);
      },
    ],
    [
      'a ring without members',
      g => {
        g.cluster!.ring!.members = [];
        g.cluster!.ring!.primaries = many({ members: [] }, 256);
      },
    ],
    [
      'a ring of 0 replicas',
      g => {
        g.cluster!.ring!.replication = 0;
      },
    ],
    [
      'a ring of 8 replicas',
      g => {
        g.cluster!.ring!.replication = 8;
      },
    ],
    [
      'a partition with too few owners',
      g => {
        g.cluster!.ring!.primaries[9] = { members: [0, 1] };
      },
    ],
    [
      'a partition with one owner twice',
      g => {
        g.cluster!.ring!.primaries[9] = { members: [0, 1, 1] };
      },
    ],
    [
      'a partition owned by nobody we know',
      g => {
        g.cluster!.ring!.primaries[9] = { members: [0, 1, 3] };
      },
    ],
    [
      'a partition owned by member 2^32-1',
      g => {
        g.cluster!.ring!.primaries[9] = { members: [0, 1, 2 ** 32 - 1] };
      },
    ],
  ])('%s', (_, harm) => {
    const greeting = arrived();
    harm(greeting);
    expect(readGreeting(greeting)).toBeUndefined();
  });
});

test('with any one byte changed is no message, or is refused, or reads soundly: nothing is thrown', () => {
  const whole = bytesOf();
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      const bytes = Buffer.from(whole);
      bytes[at] = byte;
      let message: Greeting__Output | null;
      try {
        message = meetRequest.decode(bytes).greeting;
      } catch {
        return;
      }
      readGreeting(message);
    }),
    { numRuns: 1000 },
  );
});
