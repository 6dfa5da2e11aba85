import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRing, ringToJson } from '../../../src/core/ring/json.ts';
import { ring } from '../../../src/core/ring/ring.ts';
import { members } from '../../support/rings.ts';

const made = ring({ members: members(5, { zones: 2 }), partitions: 8, replication: 3, epoch: 4 });
const json = ringToJson(made);
const [first, ...rows] = json.primaries;
const [head, next, ...others] = json.members;

describe('a ring as plain data', () => {
  test('comes back from a file as it was', () => {
    expect(readRing(JSON.parse(JSON.stringify(json)))).toEqual(made);
  });

  test('names each member once', () => {
    expect(JSON.stringify(json).match(/n3/g)).toHaveLength(1);
  });

  test('of the largest size is read', () => {
    const large = ring({
      members: members(256),
      partitions: 256,
      replication: 7,
      epoch: Number.MAX_SAFE_INTEGER,
    });
    expect(readRing(ringToJson(large))).toEqual(large);
  });
});

describe('what is no ring is refused:', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'ring'],
    ['a list', []],
    ['epoch 0', { ...json, epoch: 0 }],
    ['an epoch of 2^53', { ...json, epoch: 2 ** 53 }],
    ['half an epoch', { ...json, epoch: 1.5 }],
    ['an epoch as text', { ...json, epoch: '4' }],
    ['N = 0', { ...json, replication: 0 }],
    ['N = 8', { ...json, replication: 8 }],
    ['another N than the table has', { ...json, replication: 2 }],
    ['no members', { ...json, members: [] }],
    ['257 members', { ...json, members: members(257) }],
    ['members out of order', { ...json, members: [next, head, ...others] }],
    ['a member twice', { ...json, members: [head, head, ...others] }],
    ['a hole among the members', { ...json, members: [head, null, ...others] }],
    ['a member without a name', { ...json, members: [{ ...head, name: '' }, next, ...others] }],
    ['a member without a zone', { ...json, members: [{ ...head, zone: undefined }, next, ...others] }],
    ['a name that is no Unicode', { ...json, members: [{ ...head, name: '\ud800' }, next, ...others] }],
    ['a weight of 1001', { ...json, members: [{ ...head, weight: 1001 }, next, ...others] }],
    ['no table', { ...json, primaries: undefined }],
    ['an empty table', { ...json, primaries: [] }],
    ['seven partitions', { ...json, primaries: rows }],
    ['131072 partitions', { ...json, primaries: Array.from({ length: 131_072 }, () => first) }],
    ['a row too short', { ...json, primaries: [[0, 1], ...rows] }],
    ['a row too long', { ...json, primaries: [[0, 1, 2, 3], ...rows] }],
    ['a node twice in a row', { ...json, primaries: [[0, 1, 1], ...rows] }],
    ['a stranger in a row', { ...json, primaries: [[0, 1, 5], ...rows] }],
    ['a negative index', { ...json, primaries: [[0, 1, -1], ...rows] }],
    ['a name of an array as index', { ...json, primaries: [[0, 1, 'length'], ...rows] }],
    ['an index as text', { ...json, primaries: [[0, 1, '2'], ...rows] }],
  ])('%s', (_, wrong) => {
    expect(readRing(wrong)).toBeUndefined();
  });

  test('anything at all, without an exception', () => {
    const shaped = fc.record(
      {
        epoch: fc.jsonValue(),
        replication: fc.constantFrom(1, 2, 3),
        members: fc.jsonValue(),
        primaries: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue(), shaped), value => {
        expect(readRing(value)).toBeUndefined();
      }),
    );
  });
});
