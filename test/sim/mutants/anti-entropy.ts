/**
 * Bugs in how owners find what they hold differently, and in how it is mended (DESIGN §7, *Anti-entropy*).
 * Read repair and hints are off where they would hide them. That a partition which a node still fills is
 * compared as if it were whole is not among them: what it costs is time, for a merge is one either way.
 */
import { aimedAt, between, CUT_ONE, mix, type Round, shuffled } from './aims.ts';
import type { Edit, Mutant } from './mutate.ts';

const ALONE = ['read-repair', 'hints'] as const;
const WRITES = { mix: mix({ get: 0.3, 'put blind': 0.3, 'read, merge, write': 1, 'delete seen': 0.3 }) };
/** The last one is still cut off when clients have done, and keys are many: no later write mends it. */
const APART = { everyMs: 2_300, keys: 20, round: CUT_ONE, client: WRITES, without: ALONE };

/** Clients work for longer than rounds take to come round. */
const FOR_LONG = { ...APART, safetyMs: 30_000 };

/** Who is asked for a round before the others are: they send it nothing yet. */
const CUT_FIRST: Round = (at, random) => [
  { at, kind: 'cut', shape: 'one', ways: between('n1', ['n2', 'n3']), ms: 800 + random.below(400) },
];

const NOTHING_SENT: Edit = {
  file: 'src/repair/sending.ts',
  find: 'keys.filter(({ mine }) => mine !== undefined)',
  replace: '[]',
};
const NOTHING_FETCHED: Edit = {
  file: 'src/repair/fetching.ts',
  find: 'keys.filter(({ theirs }) => theirs !== undefined)',
  replace: '[]',
};

/** What one misses is told to another one who then loses it: what he has left is what the first has. */
const CUT_THEN_LOSS: Round = (at, random) => {
  const [behind, node, other] = shuffled(random);
  return [
    { at, kind: 'cut', shape: 'one', ways: between(behind, [node, other]), ms: 1_500 },
    { at: at + 1_500, kind: 'log loss', node, downMs: 200, tail: true, batches: 10 },
  ];
};

/**
 * What a and b alone were told, a loses while b fills its own partitions; c, from whom b was cut off all the
 * while, was not told.
 */
const TWO_FILL: Round = (at, random) => {
  const [a, b, c] = shuffled(random);
  return [
    { at, kind: 'cut', shape: 'two', ways: between(c, [b]), ms: 7_500 },
    { at: at + 100, kind: 'wipe', node: b, downMs: 200 },
    { at: at + 1_200, kind: 'cut', shape: 'two', ways: between(c, [a]), ms: 2_000 },
    { at: at + 3_100, kind: 'log loss', node: a, downMs: 200, tail: true, batches: 10, beside: true },
  ];
};

export const ANTI_ENTROPY_MUTANTS: readonly Mutant[] = [
  {
    name: 'keys whose record is a delete are not listed',
    file: 'src/replica/segment-rows.ts',
    find: "return row === undefined || row === 'damaged' ? [] : [{ place, digest: row.digest }];",
    replace:
      "return row === undefined || row === 'damaged' || row.bare ? [] : [{ place, digest: row.digest }];",
    also: [
      // What it needs to know one.
      {
        file: 'src/replica/segment-rows.ts',
        find: 'const row = glimpseRow(value, place);',
        replace:
          'const row = glimpseRow(value, place); row.bare = decodeRow(value, place).sealed?.record.siblings.length === 0;',
      },
      {
        file: 'src/replica/segment-rows.ts',
        find: "glimpseRow } from '../core/rows/row",
        replace: "glimpseRow, decodeRow } from '../core/rows/row",
      },
    ],
    seeds: 12,
    invariants: ['I6', 'I7', 'L1'],
    plan: aimedAt({
      ...APART,
      client: { mix: mix({ 'put blind': 1, 'delete unseen': 1, 'delete seen': 1 }) },
    }),
  },
  {
    name: 'a tree is kept though its partition has changed',
    file: 'src/replica/trees.ts',
    find: 'kept?.version !== this.#parts.segments.version(partition)',
    replace: 'kept === undefined',
    seeds: 12,
    invariants: ['I6', 'I7', 'L1'],
    plan: aimedAt(FOR_LONG),
  },
  {
    ...NOTHING_SENT,
    name: 'what another owner lacks is not sent to it',
    seeds: 12,
    invariants: ['L1'],
    plan: aimedAt(APART),
  },
  {
    ...NOTHING_FETCHED,
    name: 'what another owner has is not fetched',
    seeds: 30,
    invariants: ['L1'],
    plan: aimedAt({ ...APART, round: CUT_FIRST }),
  },
  {
    name: 'records that were fetched are not merged',
    file: 'src/repair/fetching.ts',
    find: 'await applyAll(records);',
    replace: '',
    also: [NOTHING_SENT],
    seeds: 12,
    invariants: ['I6', 'L1'],
    plan: aimedAt(APART),
  },
  {
    name: 'a write that is under way is taken for a difference',
    file: 'src/core/merkle/differences.ts',
    find: 'then !== undefined && same(then.mine, difference.mine) && same(then.theirs, difference.theirs);',
    replace: 'true;',
    seeds: 12,
    invariants: ['I11'],
    // Nothing goes wrong, and at any moment somebody has not got the newest yet.
    plan: aimedAt({
      safetyMs: 25_000,
      keys: 1,
      usualMs: 60,
      client: { thinkMs: 5, mix: mix({ 'put overwrite': 1 }) },
      without: ALONE,
    }),
  },
  {
    name: 'a leaf that differs is taken for the segment beside it',
    file: 'src/repair/fetching.ts',
    find: 'segment: segment(index) })',
    replace: 'segment: segment(index ^ 1) })',
    seeds: 12,
    invariants: ['I6', 'L1'],
    plan: aimedAt(APART),
  },
  {
    name: 'of a node below the root that differs only the first segments are looked at',
    file: 'src/repair/descent.ts',
    find: 'index * width + i',
    replace: 'index * (width - 1) + i',
    seeds: 12,
    invariants: ['I6', 'L1'],
    plan: aimedAt(APART),
  },
  {
    name: 'a node that lost something and holds what one other owner does asks no further one',
    file: 'src/repair/filling.ts',
    find: 'told.differing.length === 0',
    replace: 'told.differing.length === 0 && (this.same = partition, true)',
    also: [
      {
        file: 'src/repair/refill.ts',
        find: 'for (const owner of others)',
        replace: 'for (const owner of others) if (this.#filling.same !== partition)',
      },
    ],
    seeds: 12,
    invariants: ['I1', 'I5', 'I9'],
    plan: aimedAt({ keys: 10, everyMs: 3_500, safetyMs: 30_000, round: CUT_THEN_LOSS, without: ALONE }),
  },
  {
    name: 'a node that lost something takes the partition of one that fills it itself for the same as its own',
    file: 'src/repair/filling.ts',
    find: 'told.recovering.length === 0',
    replace: 'true',
    seeds: 12,
    invariants: ['I1', 'I5', 'I9'],
    plan: aimedAt({ keys: 10, everyMs: 9_000, safetyMs: 30_000, round: TWO_FILL, without: ALONE }),
  },
];
