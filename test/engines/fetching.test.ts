/** Keys and records of another owner, asked for part by part, each within what a question may hold. */
import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { nodeName, partition } from '../../src/base/ids.ts';
import type { Difference, Listed } from '../../src/core/merkle/differences.ts';
import { leafHash } from '../../src/core/merkle/segment-tree.ts';
import { placeKey } from '../../src/core/ring/placement.ts';
import { addRow, emptySum } from '../../src/core/rows/segment-sums.ts';
import { type Comparisons, DIGESTS_MAX, type OwnDigests, SEGMENTS_MAX } from '../../src/ports/comparisons.ts';
import type { Peers } from '../../src/ports/peers.ts';
import { ReplicaFailed } from '../../src/ports/replica.ts';
import { Courtesy } from '../../src/repair/courtesy.ts';
import type { Apart } from '../../src/repair/descent.ts';
import { Fetching, type FetchingParts, type ListedSegment } from '../../src/repair/fetching.ts';
import { Lane } from '../../src/repair/lane.ts';
import { Counters } from '../../src/system/counters.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const NONE = Buffer.alloc(0);

const leaves = (count: number): readonly Apart[] =>
  Array.from({ length: count }, (_, index) => ({ partition: partition(1), index, mine: NONE, theirs: NONE }));

const difference = (key: string): Difference => ({
  place: placeKey({ bucket: 'b', key }),
  mine: undefined,
  theirs: Buffer.alloc(16, 1),
});

interface There {
  readonly rows?: number;
  readonly theirs: Partial<Comparisons>;
  readonly onUnlisted?: FetchingParts['onUnlisted'];
  readonly clock?: VirtualClock;
}

const throwing: FetchingParts['onUnlisted'] = why => {
  throw why;
};

function fetching({ rows = 0, theirs, onUnlisted = throwing, clock = new VirtualClock() }: There): Fetching {
  const peers = { reachable: () => true } as unknown as Peers;
  const courtesy = new Courtesy(clock);
  const lane = new Lane({ target: nodeName('n2'), peers, courtesy, clock, metrics: new Counters() });
  const row: Listed = { place: placeKey({ bucket: 'b', key: 'k' }), digest: Buffer.alloc(16) };
  const list: OwnDigests['list'] = async places => places.map(() => Array.from({ length: rows }, () => row));
  const between = { own: { list } as OwnDigests, theirs: theirs as Comparisons, lane };
  return new Fetching(between, {
    applyAll: async () => {},
    ended: () => false,
    onFetched: () => {},
    onUnlisted,
  });
}

describe('asking for keys', () => {
  it('no question names more segments than may be, nor more digests; each is asked about once', async () => {
    const asked: number[] = [];
    const rows = DIGESTS_MAX / 10;
    const theirs: Partial<Comparisons> = {
      keys: async mine => {
        expect(mine.length).toBeLessThanOrEqual(SEGMENTS_MAX);
        expect(mine.reduce((sum, { digests }) => sum + digests.length, 0)).toBeLessThanOrEqual(DIGESTS_MAX);
        asked.push(...mine.map(({ segment }) => segment));
        return mine.map(() => ({ others: [], lacking: [] }));
      },
    };
    await fetching({ rows, theirs }).list(leaves(100), async () => {});
    expect(asked).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('one segment is asked about, however many rows it has', async () => {
    let asked = 0;
    const theirs: Partial<Comparisons> = {
      keys: async mine => {
        asked += mine.length;
        return mine.map(() => ({ others: [], lacking: [] }));
      },
    };
    await fetching({ rows: DIGESTS_MAX + 1, theirs }).list(leaves(2), async () => {});
    expect(asked).toBe(2);
  });

  it('goes on behind what was answered, and not for ever when nothing is', async () => {
    const asked: number[] = [];
    const theirs: Partial<Comparisons> = {
      keys: async mine => {
        asked.push(mine[0]!.segment);
        return asked.length < 3 ? [{ others: [], lacking: [] }] : [];
      },
    };
    await expect(fetching({ theirs }).list(leaves(9), async () => {})).rejects.toThrow('told of none');
    expect(asked).toEqual([0, 1, 2]);
  });
});

describe('a segment that cannot be listed there', () => {
  const BAD = 77;

  function listing(theirs?: Partial<Comparisons>) {
    const listed: number[] = [];
    const unlisted: ReplicaFailed[] = [];
    const keys: Comparisons['keys'] = async mine => {
      if (mine.some(({ segment }) => segment === BAD))
        throw new ReplicaFailed('refused', 'it cannot be read');
      listed.push(...mine.map(({ segment }) => segment));
      return mine.map(() => ({ others: [], lacking: [] }));
    };
    const clock = new VirtualClock();
    const all = (onUnlisted: FetchingParts['onUnlisted'] = why => unlisted.push(why)) =>
      clock.done(
        fetching({ theirs: theirs ?? { keys }, onUnlisted, clock }).list(leaves(200), async () => {}),
      );
    return { listed, unlisted, all };
  }

  it('is passed over, and all others are listed', async () => {
    const { listed, unlisted, all } = listing();
    await all();
    expect(listed).toEqual(Array.from({ length: 200 }, (_, i) => i).filter(i => i !== BAD));
    expect(unlisted).toHaveLength(1);
  });

  it('is not where nothing may be left out', async () => {
    await expect(listing().all(throwing)).rejects.toThrow('cannot be read');
  });

  it('is not looked for when the other fails altogether', async () => {
    const { unlisted, all } = listing({
      keys: () => Promise.reject(new ReplicaFailed('lost', 'no answer in time')),
    });
    await expect(all()).rejects.toThrow('no answer in time');
    expect(unlisted).toEqual([]);
  });
});

describe('what the other has told of a segment', () => {
  const digest = (n: number) => Buffer.alloc(16, n);
  const summed = (...digests: readonly Buffer[]) => {
    const sum = emptySum();
    for (const each of digests) addRow(sum, each);
    return leafHash(sum);
  };
  const other = { place: placeKey({ bucket: 'b', key: 'other' }), digest: digest(5) };
  // Here there is one row, of zeros.
  it.each([
    ['comes to its digest: it lacks ours and has another', [0], summed(digest(5)), true],
    ['comes to its digest: it has ours and another', [], summed(digest(0), digest(5)), true],
    ['is short of a row that it has', [0], summed(digest(5), digest(6)), false],
    ['is short of nothing but the count', [], summed(digest(5)), false],
  ])('%s', async (_, lacking, theirs, isWhole) => {
    const leaf = { partition: partition(1), index: 3, mine: NONE, theirs };
    expect(await listed(leaf, lacking)).toEqual([{ isWhole, isAsSeen: false }]);
  });

  it('is what was seen when ours comes to its digest, too', async () => {
    const leaf = {
      partition: partition(1),
      index: 3,
      mine: summed(digest(0)),
      theirs: summed(digest(5)),
    };
    expect(await listed(leaf, [0])).toEqual([{ isWhole: true, isAsSeen: true }]);
    expect(await listed({ ...leaf, theirs: NONE }, [0])).toEqual([{ isWhole: false, isAsSeen: false }]);
  });

  async function listed(leaf: Apart, lacking: readonly number[]) {
    const keys: Comparisons['keys'] = async () => [{ others: [other], lacking }];
    const told: Pick<ListedSegment, 'isWhole' | 'isAsSeen'>[] = [];
    await fetching({ rows: 1, theirs: { keys } }).list([leaf], async ({ segments }) => {
      for (const { isWhole, isAsSeen } of segments) told.push({ isWhole, isAsSeen });
    });
    return told;
  }
});

describe('asking for records', () => {
  it('goes on behind those that came, though some are nothing', async () => {
    const asked: string[] = [];
    const theirs: Partial<Comparisons> = {
      records: async places => {
        asked.push(places[0]!.key);
        return [undefined];
      },
    };
    await fetching({ theirs }).fetch(['a', 'b', 'c'].map(difference));
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  it('does not for ever when none come', async () => {
    const theirs: Partial<Comparisons> = { records: async () => [] };
    await expect(fetching({ theirs }).fetch([difference('a')])).rejects.toThrow('gave none');
  });
});
