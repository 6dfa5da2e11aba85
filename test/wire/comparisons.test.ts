/**
 * What nodes ask each other when they compare: nothing but what a sound peer would send is taken, in either
 * direction, and no bytes whatever are thrown over.
 */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { partition, segment } from '../../src/base/ids.ts';
import { placeKey } from '../../src/core/ring/placement.ts';
import {
  DIGESTS_MAX,
  LISTED_MAX,
  RECORDS_BYTES_MAX,
  RECORDS_MAX,
  SEGMENTS_MAX,
  TREES_MAX,
} from '../../src/ports/comparisons.ts';
import {
  nodesReplyMessage,
  nodesRequestMessage,
  readNodesReply,
  readNodesRequest,
  readSumsReply,
  readSumsRequest,
  sumsRequestMessage,
} from '../../src/wire/comparison-messages.ts';
import {
  fetchReplyMessage,
  fetchRequestMessage,
  keysReplyMessage,
  keysRequestMessage,
  readFetchReply,
  readFetchRequest,
  readKeysReply,
  readKeysRequest,
} from '../../src/wire/difference-messages.ts';
import { type Codec, loadMessages } from '../../src/wire/messages.ts';
import { PLACE, sampleRecord } from '../support/samples.ts';

const messages = loadMessages();
const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
const STAMP = Buffer.from('stamp');
const OTHER = placeKey({ bucket: 'carts', key: 'bob' });
const MANY = times(20_000, i => placeKey({ bucket: 'carts', key: `k${i}` }));
/** In another segment of the same partition as PLACE; and in the same segment of another. */
const BESIDE = MANY.find(place => place.partition === PLACE.partition)!;
const ELSEWHERE = MANY.find(place => place.segment === PLACE.segment)!;
const hash = (of: number) => Buffer.alloc(8, of);

/** As it arrives. */
const carry = <I, O>(codec: Codec<I, O>, message: I): O => codec.decode(codec.encode(message));

const sums = [3, 7, 255].map(index => ({ partition: partition(index), sum: Buffer.alloc(20, index) }));
const tree = (of: number, indexes: readonly number[], level = 4) => ({
  partition: partition(of),
  level,
  nodes: indexes.map(index => ({ index, hash: hash(index) })),
});
const segmentOf = (place = PLACE, digests: readonly Buffer[] = []) => ({
  partition: place.partition,
  segment: place.segment,
  digests,
});

describe('sums', () => {
  const arrived = () => carry(messages.compareSumsRequest, sumsRequestMessage(sums, STAMP));
  const reply = (
    differing: number[],
    recovering: number[] = [],
    { rows = differing.map(index => 10 * index), busy = [] }: { rows?: number[]; busy?: number[] } = {},
  ) => readSumsReply(carry(messages.compareSumsResponse, { differing, recovering, rows, busy }), sums);

  test('arrive as they were sent, also none', () => {
    expect(readSumsRequest(arrived())).toEqual(sums);
    expect(readSumsRequest(carry(messages.compareSumsRequest, sumsRequestMessage([], STAMP)))).toEqual([]);
    expect(reply([3, 255], [7], { busy: [255] })).toEqual({
      differing: [
        { partition: 3, rows: 30, isBusy: false },
        { partition: 255, rows: 2550, isBusy: true },
      ],
      recovering: [7],
    });
    expect(reply([])).toEqual({ differing: [], recovering: [] });
  });

  test.each([
    ['a byte too few', { sums: Buffer.alloc(59) }],
    ['a sum too many', { sums: Buffer.alloc(80) }],
    ['no sums', { sums: Buffer.alloc(0) }],
    ['a partition that no cluster has', { partitions: [3, 7, 256] }],
    ['a partition twice', { partitions: [3, 7, 3] }],
    ['a partition that is no number', { partitions: [3, 7, Number.NaN] }],
  ])('with %s are refused', (_, change) => {
    expect(readSumsRequest({ ...arrived(), ...change })).toBeUndefined();
  });

  test.each([
    ['of a partition that was not asked about', [3, 4], []],
    ['of one partition twice', [3, 3], []],
    ['of a partition as both', [3], [3]],
    ['of one that recovers and was not asked about', [], [4]],
    ['with a count of rows too many', [3], [], { rows: [1, 2] }],
    ['without counts of rows', [3], [], { rows: [] }],
    ['of one that is busy and does not differ', [3], [], { busy: [7] }],
    ['of one that is busy twice', [3], [], { busy: [3, 3] }],
  ] as const)('an answer %s is none', (_, differing, recovering, others?: object) => {
    expect(reply([...differing], [...recovering], others)).toBeUndefined();
  });
});

describe('nodes of trees', () => {
  const asked = [tree(3, [0, 5, 15]), tree(9, [1, 2], 10)];
  const read = (trees: Parameters<typeof nodesRequestMessage>[0], change: object = {}) => {
    const message = carry(messages.compareNodesRequest, nodesRequestMessage(trees, STAMP));
    return readNodesRequest({ ...message, trees: message.trees.map(one => ({ ...one, ...change })) });
  };
  const answer = (trees: Parameters<typeof nodesReplyMessage>[0]) =>
    readNodesReply(carry(messages.compareNodesResponse, nodesReplyMessage(trees)), asked);

  test('arrive as they were sent', () => {
    expect(read(asked)).toEqual(asked);
    expect(answer([tree(9, [2], 10)])).toEqual([tree(9, [2], 10)]);
    expect(answer([])).toEqual([]);
  });

  test.each([
    ['of more trees than one question is about', times(TREES_MAX + 1, i => tree(i, [0])), {}],
    ['of one tree twice', [tree(3, [0]), tree(3, [1])], {}],
    ['of a partition that no cluster has', [tree(256, [0])], {}],
    ['below the leaves', [tree(3, [0], 11)], {}],
    ['of half a level', [tree(3, [0])], { level: 0.5 }],
    ['beyond their level', [tree(3, [15, 16])], {}],
    ['not in their order', [tree(3, [5, 0])], {}],
    ['of which one is there twice', [tree(3, [5, 5])], {}],
    ['with a hash too few', [tree(3, [0, 1])], { hashes: hash(0) }],
    ['with half a hash too many', [tree(3, [0, 1])], { hashes: Buffer.alloc(20) }],
  ])('%s are refused', (_, trees, change) => {
    expect(read(trees, change)).toBeUndefined();
  });

  test.each([
    ['about a tree that was not asked for', [tree(4, [0])]],
    ['about another level', [tree(3, [0], 5)]],
    ['about a node that was not asked for', [tree(3, [0, 6])]],
    ['about one tree twice', [tree(3, [0]), tree(3, [5])]],
    ['of more trees than were asked for', [tree(3, [0]), tree(9, [1], 10), tree(10, [0])]],
  ])('an answer %s is none', (_, trees) => {
    expect(answer(trees)).toBeUndefined();
  });
});

describe('keys of segments', () => {
  const digests = times(3, i => Buffer.alloc(16, i));
  const asked = [segmentOf(PLACE, digests), segmentOf(OTHER)];
  const listed = (place = PLACE, digest = Buffer.alloc(16, 9)) => ({ place, digest });
  const read = (segments: Parameters<typeof keysRequestMessage>[0], change: object = {}) => {
    const message = carry(messages.compareKeysRequest, keysRequestMessage(segments, STAMP));
    return readKeysRequest({ ...message, segments: message.segments.map(one => ({ ...one, ...change })) });
  };
  const answer = (differences: Parameters<typeof keysReplyMessage>[0]) =>
    readKeysReply(carry(messages.compareKeysResponse, keysReplyMessage(differences)), asked);

  test('arrive as they were sent', () => {
    expect(read(asked)).toEqual(asked);
    const all = [
      { others: [listed()], lacking: [0, 2] },
      { others: [], lacking: [] },
    ];
    expect(answer(all)).toEqual(all);
    expect(answer(all.slice(0, 1))).toEqual(all.slice(0, 1));
  });

  test.each([
    [
      'of more segments than one question is about',
      times(SEGMENTS_MAX + 1, i => ({ ...segmentOf(), segment: segment(i) })),
      {},
    ],
    ['of one segment twice', [segmentOf(), segmentOf()], {}],
    ['of a partition that no cluster has', [segmentOf()], { partition: 256 }],
    ['of a segment that no partition has', [segmentOf()], { segment: 1024 }],
    ['with half a digest', [segmentOf()], { digests: Buffer.alloc(24) }],
    [
      'with more digests than one question has',
      [segmentOf(), segmentOf(OTHER)],
      { digests: Buffer.alloc((DIGESTS_MAX / 2 + 1) * 16) },
    ],
  ])('%s are refused', (_, segments, change) => {
    expect(read(segments, change)).toBeUndefined();
  });

  test.each([
    ['about nothing', []],
    ['about more segments than were asked for', times(3, () => ({ others: [], lacking: [] }))],
    ['with a key of another partition', [{ others: [listed(ELSEWHERE)], lacking: [] }]],
    ['with a key of another segment', [{ others: [listed(BESIDE)], lacking: [] }]],
    ['with a digest cut short', [{ others: [listed(PLACE, Buffer.alloc(15))], lacking: [] }]],
    ['that lacks what was not told of', [{ others: [], lacking: [3] }]],
    ['that lacks one thing twice', [{ others: [], lacking: [1, 1] }]],
    [
      'with more than an answer has',
      [PLACE, OTHER].map(place => ({ others: times(LISTED_MAX / 2 + 1, () => listed(place)), lacking: [] })),
    ],
  ])('an answer %s is none', (_, differences) => {
    expect(answer(differences)).toBeUndefined();
  });

  test.each(['', 'k\0', 'k\uFFFD', 'k'.repeat(1025)])('an answer with the key %j is none', key => {
    const others = [{ bucket: 'carts', key, digest: Buffer.alloc(16) }];
    const message = carry(messages.compareKeysResponse, { segments: [{ others, lacking: [] }] });
    expect(readKeysReply(message, asked)).toBeUndefined();
  });
});

describe('records', () => {
  const asked = [PLACE, OTHER];
  const located = (place = PLACE, bytes = 5) => ({
    place,
    record: sampleRecord(place, Buffer.alloc(bytes, 1)),
  });
  const answer = (found: Parameters<typeof fetchReplyMessage>[0]) =>
    readFetchReply(carry(messages.fetchResponse, fetchReplyMessage(found)), asked);

  test('arrive as they were sent', () => {
    const message = carry(messages.fetchRequest, fetchRequestMessage(asked, STAMP));
    expect(readFetchRequest(message)).toEqual(asked);
    expect(answer([located(), undefined])).toEqual([located(), undefined]);
    expect(answer([undefined])).toEqual([undefined]);
    expect(answer([located(PLACE, RECORDS_BYTES_MAX)])).toHaveLength(1);
  });

  test.each([
    ['more keys than one question is about', times(RECORDS_MAX + 1, i => ({ bucket: 'b', key: `k${i}` }))],
    ['a key that no client could have written', [{ bucket: 'b', key: 'k\0' }]],
    ['a key without a bucket', [{ bucket: '', key: 'k' }]],
  ])('%s are refused', (_, keys) => {
    expect(readFetchRequest(carry(messages.fetchRequest, { stamp: STAMP, keys }))).toBeUndefined();
  });

  test.each([
    ['of nothing', []],
    ['of more than was asked for', [located(), located(OTHER), undefined]],
    ['with the record of another key', [located(OTHER)]],
    ['of more bytes than an answer has', [located(), located(OTHER, RECORDS_BYTES_MAX)]],
  ])('an answer %s is none', (_, found) => {
    expect(answer(found)).toBeUndefined();
  });

  test('an answer of which one record was damaged on the way is none', () => {
    const message = carry(messages.fetchResponse, fetchReplyMessage([located(), located(OTHER)]));
    message.records[1]![20]! ^= 1;
    expect(readFetchReply(message, asked)).toBeUndefined();
  });
});

test('bytes of any kind are no message, or are refused, or read soundly: nothing is thrown', () => {
  const asked = [segmentOf(PLACE, [Buffer.alloc(16)])];
  const ways: readonly (readonly [Buffer, (bytes: Buffer) => unknown])[] = [
    [
      messages.compareSumsRequest.encode(sumsRequestMessage(sums, STAMP)),
      bytes => readSumsRequest(messages.compareSumsRequest.decode(bytes)),
    ],
    [
      messages.compareSumsResponse.encode({ differing: [3], recovering: [7], rows: [1], busy: [3] }),
      bytes => readSumsReply(messages.compareSumsResponse.decode(bytes), sums),
    ],
    [
      messages.compareNodesRequest.encode(nodesRequestMessage([tree(3, [0, 5])], STAMP)),
      bytes => readNodesRequest(messages.compareNodesRequest.decode(bytes)),
    ],
    [
      messages.compareNodesResponse.encode(nodesReplyMessage([tree(3, [0, 5])])),
      bytes => readNodesReply(messages.compareNodesResponse.decode(bytes), [tree(3, [0, 5])]),
    ],
    [
      messages.compareKeysRequest.encode(keysRequestMessage(asked, STAMP)),
      bytes => readKeysRequest(messages.compareKeysRequest.decode(bytes)),
    ],
    [
      messages.compareKeysResponse.encode(
        keysReplyMessage([{ others: [{ place: PLACE, digest: hash(1) }], lacking: [0] }]),
      ),
      bytes => readKeysReply(messages.compareKeysResponse.decode(bytes), asked),
    ],
    [
      messages.fetchRequest.encode(fetchRequestMessage([PLACE, OTHER], STAMP)),
      bytes => readFetchRequest(messages.fetchRequest.decode(bytes)),
    ],
    [
      messages.fetchResponse.encode(fetchReplyMessage([{ place: PLACE, record: sampleRecord() }])),
      bytes => readFetchReply(messages.fetchResponse.decode(bytes), [PLACE]),
    ],
  ];
  const changed = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 3 });
  const foreign = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(
      fc.constantFrom(...ways),
      changed,
      foreign,
      fc.boolean(),
      ([whole, read], changes, other, near) => {
        const bytes = Buffer.from(near ? whole : other);
        for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        try {
          read(bytes);
        } catch (error) {
          expect((error as Error).stack).toContain('protobufjs');
        }
      },
    ),
    { numRuns: 3000 },
  );
});
