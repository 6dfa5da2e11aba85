/** The figures of a ring at its real size, Q = 256 and N = 3: printed, and held to what DESIGN §5 allows. */
import { afterAll, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { type Ring, type RingMember, ring } from '../../../src/core/ring/ring.ts';
import {
  bounds,
  brokenPromises,
  heldBy,
  inPlace,
  leastMoves,
  member,
  movedCopies,
  sharesOf,
} from '../../support/rings.ts';

const NAME_WIDTH = 40;

interface Kind {
  readonly name: string;
  readonly zones: number;
  readonly weightMax: number;
}

const KINDS: readonly Kind[] = [
  { name: 'one zone', zones: 1, weightMax: 1 },
  { name: '3 zones', zones: 3, weightMax: 1 },
  { name: 'a zone each', zones: 256, weightMax: 1 },
  { name: '5 zones, weights 1-10', zones: 5, weightMax: 10 },
];
const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 23, 31, 32, 47, 63, 64];
/** The last one is joined by the 256th node. */
const LARGE_SIZES = [128, 255];

interface Figures {
  /** Most by which a node is above its fair share rounded up; of all its partitions, and of first places. */
  readonly overShare: number;
  readonly overFirst: number;
  /** Copies moved to the least possible. */
  readonly join: number;
  readonly leave: number;
  readonly buildMs: number;
}

function make(members: readonly RingMember[], previous?: Ring): Ring {
  return ring({ members, partitions: 256, replication: 3, epoch: (previous?.epoch ?? 0) + 1 }, previous);
}

function figuresOf({ zones, weightMax }: Kind, size: number): Figures {
  const random = new SeededRandom(size);
  const all = Array.from({ length: size + 1 }, (_, i) =>
    member(`n${i}`, { zone: `z${i % zones}`, weight: 1 + random.below(weightMax) }),
  );
  const started = performance.now();
  const first = make(all.slice(0, size));
  const buildMs = performance.now() - started;
  const joined = make(all, first);
  const left = make(all.slice(1), joined);
  for (const made of [first, joined, left]) expect(brokenPromises(made)).toEqual([]);
  return { ...overOf(first), join: ratio(first, joined), leave: ratio(joined, left), buildMs };
}

function overOf(made: Ring): Pick<Figures, 'overShare' | 'overFirst'> {
  const copies = made.primaries[0]!.length;
  const over = [...sharesOf(made)].map(([name, share]) => ({
    share: heldBy(made, name) - bounds(share).ceiling,
    first: inPlace(made, { name, place: 0 }) - bounds(share / copies).ceiling,
  }));
  return {
    overShare: Math.max(...over.map(({ share }) => share)),
    overFirst: Math.max(...over.map(({ first }) => first)),
  };
}

/** 1 when nothing needed to move and nothing did. */
function ratio(before: Ring, after: Ring): number {
  const [moved, least] = [movedCopies(before, after), leastMoves(before, after)];
  return moved === least ? 1 : moved / least;
}

/** The worst of each figure. */
function worstOf(all: readonly Figures[]): Figures {
  const worst = (figure: (figures: Figures) => number): number => Math.max(...all.map(figure));
  return {
    overShare: worst(({ overShare }) => overShare),
    overFirst: worst(({ overFirst }) => overFirst),
    join: worst(({ join }) => join),
    leave: worst(({ leave }) => leave),
    buildMs: worst(({ buildMs }) => buildMs),
  };
}

function row(name: string, { overShare, overFirst, join, leave, buildMs }: Figures): string {
  const numbers = [overShare, overFirst, join.toFixed(2), leave.toFixed(2), buildMs.toFixed(0)];
  return name.padEnd(NAME_WIDTH) + numbers.map(number => String(number).padStart(12)).join('');
}

describe('the figures of a ring of 256 partitions, N = 3', () => {
  const titles = ['over share', 'first', 'join/least', 'leave/least', 'build ms'];
  const rows = ['worst over all sizes'.padEnd(NAME_WIDTH) + titles.map(title => title.padStart(12)).join('')];
  afterAll(() => {
    process.stdout.write(`\n${rows.join('\n')}\n`);
  });

  test.each(KINDS)(
    '$name: no node above its share, nothing moves that need not',
    { timeout: 30_000 },
    kind => {
      for (const [name, sizes] of [
        ['1 to 64 nodes', SIZES],
        ['128 to 256 nodes', LARGE_SIZES],
      ] as const) {
        const worst = worstOf(sizes.map(size => figuresOf(kind, size)));
        rows.push(row(`${kind.name}, ${name}`, worst));
        expect(worst).toMatchObject({ overShare: 0, join: 1, leave: 1 });
        expect(worst.overFirst).toBeLessThanOrEqual(0);
      }
    },
  );
});
