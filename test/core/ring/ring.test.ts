import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NodeName, partition } from '../../../src/base/ids.ts';
import { preferenceList, type Ring, type RingMember, ring, ringDigest } from '../../../src/core/ring/ring.ts';
import { brokenPromises, heldBy, inPlace, member, members } from '../../support/rings.ts';

const PARTITIONS = 64;

function birth(nodes: readonly RingMember[], replication = 3): Ring {
  return ring({ members: nodes, partitions: PARTITIONS, replication, epoch: 1 });
}

const anyMembers = fc
  .array(fc.record({ zone: fc.integer({ min: 1, max: 6 }), weight: fc.integer({ min: 1, max: 1000 }) }), {
    minLength: 1,
    maxLength: 20,
  })
  .map(nodes => nodes.map(({ zone, weight }, i) => member(`n${i}`, { zone: `z${zone}`, weight })));
const anyReplication = fc.integer({ min: 1, max: 7 });

describe('a ring', () => {
  test.each([1, 2, 3, 4, 6, 64])('keeps its promises at 1 to 64 nodes in up to %i zones', zones => {
    for (let count = 1; count <= 64; count++) {
      expect(brokenPromises(birth(members(count, { zones }))), `${count} nodes`).toEqual([]);
    }
  });

  test('keeps its promises at all weights, zones and N', () => {
    fc.assert(
      fc.property(anyMembers, anyReplication, (nodes, replication) => {
        expect(brokenPromises(birth(nodes, replication))).toEqual([]);
      }),
    );
  });

  test('is the same whatever the order of its members', () => {
    const shuffled = anyMembers.chain(nodes =>
      fc.tuple(fc.constant(nodes), fc.shuffledSubarray(nodes, { minLength: nodes.length })),
    );
    fc.assert(
      fc.property(shuffled, ([nodes, others]) => {
        expect(birth(others)).toEqual(birth(nodes));
      }),
    );
  });

  test('has every member hold everything while there are no more than N', () => {
    for (const row of birth(members(3), 3).primaries) expect([...row].sort()).toEqual(['n0', 'n1', 'n2']);
  });

  test('keeps the copies of the last partitions at distinct nodes as well as those of the first', () => {
    const { primaries } = birth(members(5));
    for (const row of [primaries.at(-1)!, primaries.at(-2)!, primaries[0]!])
      expect(new Set(row).size).toBe(3);
  });

  test('gives the only node of a third zone a copy of everything, whatever its weight', () => {
    const made = birth([...members(10, { zones: 2, weight: () => 1000 }), member('lonely', { zone: 'far' })]);
    expect(heldBy(made, 'lonely')).toBe(PARTITIONS);
  });

  test('gives a node of twice the weight twice the partitions and twice the first places', () => {
    const made = birth([...members(6), member('big', { zone: 'z0', weight: 2 })]);
    expect(heldBy(made, 'big')).toBe(48);
    expect(heldBy(made, 'n0')).toBe(24);
    expect(inPlace(made, { name: 'big', place: 0 })).toBe(16);
  });

  test('spreads five copies over two zones as three and two', () => {
    const made = birth(members(20, { zones: 2 }), 5);
    const inFirst = made.primaries.map(row => row.filter(name => Number(name.slice(1)) % 2 === 0).length);
    expect(new Set(inFirst)).toEqual(new Set([2, 3]));
  });

  test('has each node share its partitions with many others', () => {
    const made = ring({ members: members(64, { zones: 4 }), partitions: 256, replication: 3, epoch: 1 });
    const partners = made.members.map(
      ({ name }) => new Set(made.primaries.filter(row => row.includes(name)).flat()).size - 1,
    );
    expect(Math.min(...partners)).toBeGreaterThanOrEqual(15);
  });

  test.each([
    ['no member', { members: [] }],
    ['a name twice', { members: [member('a'), member('a')] }],
    ['a weight of 0', { members: [member('a', { weight: 0 })] }],
    ['a weight of 1001', { members: [member('a', { weight: 1001 })] }],
    ['257 members', { members: members(257) }],
    ['100 partitions', { partitions: 100 }],
    ['131072 partitions', { partitions: 131_072 }],
    ['N = 0', { replication: 0 }],
    ['N = 8', { replication: 8 }],
    ['epoch 0', { epoch: 0 }],
  ])('is not made of %s', (_, wrong) => {
    expect(() =>
      ring({ members: [member('a')], partitions: 8, replication: 3, epoch: 1, ...wrong }),
    ).toThrow();
  });

  test('follows no ring of the same epoch or of another number of partitions', () => {
    const before = birth([member('a')]);
    const plan = { members: [member('a')], partitions: PARTITIONS, replication: 3, epoch: 2 };
    expect(() => ring({ ...plan, epoch: 1 }, before)).toThrow('epochs grow');
    expect(() => ring({ ...plan, partitions: 128 }, before)).toThrow('fixed at the birth');
    expect(ring(plan, before).primaries).toEqual(before.primaries);
  });
});

describe('a preference list', () => {
  const made = birth(members(12, { zones: 6, weight: i => 1 + (i % 3) }));

  test('names every member once, the primaries first', () => {
    for (let i = 0; i < PARTITIONS; i++) {
      const { primaries, fallbacks } = preferenceList(made, partition(i));
      expect(primaries).toBe(made.primaries[i]);
      expect([...primaries, ...fallbacks].sort()).toEqual(made.members.map(({ name }) => name).sort());
    }
  });

  test('has nodes of zones without a copy stand in first', () => {
    const zoneOf = (name: NodeName): string => made.members.find(known => known.name === name)!.zone;
    for (let i = 0; i < PARTITIONS; i++) {
      const { primaries, fallbacks } = preferenceList(made, partition(i));
      const held = fallbacks.map(name => primaries.some(primary => zoneOf(primary) === zoneOf(name)));
      expect(held).toEqual([...held].sort());
    }
  });

  test('is made once for each partition of a ring', () => {
    expect(preferenceList(made, partition(7))).toBe(preferenceList(made, partition(7)));
    expect(preferenceList(birth(members(12)), partition(7))).not.toBe(preferenceList(made, partition(7)));
  });

  test('spreads the load of a node that is out over all others, by weight', () => {
    const wide = ring({
      members: members(8, { weight: i => (i < 4 ? 1 : 3) }),
      partitions: 4096,
      replication: 1,
      epoch: 1,
    });
    const standIns = wide.primaries.flatMap((row, i) =>
      row[0] === 'n0' ? preferenceList(wide, partition(i)).fallbacks[0]! : [],
    );
    const share = (name: string): number =>
      standIns.filter(standIn => standIn === name).length / standIns.length;
    for (const light of ['n1', 'n2', 'n3']) expect(share(light)).toBeCloseTo(1 / 15, 1);
    for (const heavy of ['n4', 'n5', 'n6', 'n7']) expect(share(heavy)).toBeCloseTo(3 / 15, 1);
  });

  test('refuses a partition there is none of', () => {
    expect(() => preferenceList(made, partition(PARTITIONS))).toThrow();
  });
});

describe('the digest of a ring', () => {
  const made = birth(members(5, { zones: 2 }));

  test('is 32 hex digits, the same for equal rings', () => {
    expect(ringDigest(made)).toMatch(/^[0-9a-f]{32}$/);
    expect(ringDigest(structuredClone(made))).toBe(ringDigest(made));
  });

  test('differs when anything in the ring differs', () => {
    const [first, second, ...others] = made.primaries;
    const [head, ...tail] = made.members;
    const changed: readonly Ring[] = [
      made,
      { ...made, epoch: 2 },
      { ...made, replication: 4 },
      { ...made, members: [{ ...head!, weight: 2 }, ...tail] },
      { ...made, members: [{ ...head!, zone: 'elsewhere' }, ...tail] },
      { ...made, members: tail },
      { ...made, primaries: [second!, first!, ...others] },
      { ...made, primaries: [[...first!].reverse(), second!, ...others] },
      { ...made, primaries: [first!, second!] },
    ];
    expect(new Set(changed.map(ringDigest)).size).toBe(changed.length);
  });

  test('stays what it is from version to version: nodes of two versions may found a cluster together', () => {
    expect(ringDigest(made)).toBe('99eca64122f4b455a058ee1c056e4fbc');
  });
});
