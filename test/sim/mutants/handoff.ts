/**
 * Bugs in what a node keeps for others, and in how it is rid of it (DESIGN §7). That a stand-in's note lies
 * in the batch of its record is not among them: a foreign record is found by its sums, note or no note, and a
 * note without a record is void, so no disk and no client can tell.
 */
import type { SeededRandom } from '../../../src/base/random.ts';
import { aimedAt, between, CUT_ONE, mix, type Round, shuffled } from './aims.ts';
import type { Mutant } from './mutate.ts';

/** One misses something, and when it is to be brought its disk fails. */
const CUT_THEN_FAULT: Round = (at, random) => {
  const [missing, node] = cutOff(at, random);
  const fault = { kind: 'write error', node, applied: false, restartAfterMs: 1_500 } as const;
  return [missing, { at: at + 900, ...fault }];
};

/** And it dies while it is brought what it missed. */
const CUT_THEN_DEATH: Round = (at, random) => {
  const [missing, node] = cutOff(at, random);
  return [missing, ...slowDeath(at + 900, { node, random })];
};

/** What only stand-ins were told, they bring to all its owners. */
const OWNERS_CUT: Round = (at, random) => [
  { at, kind: 'owners cut', key: `k${1 + random.below(6)}`, ms: 1_500 },
];

/** One of whom dies in the midst of it. */
const OWNERS_CUT_THEN_DEATH: Round = (at, random) => {
  const [node] = shuffled(random);
  return [...OWNERS_CUT(at, random), ...slowDeath(at + 1_400, { node, random })];
};

/** What gets there stays on its way to the disk for so long that it is killed meanwhile. */
function slowDeath(at: number, { node, random }: { node: string; random: SeededRandom }) {
  return [
    { at, kind: 'slow disk', node, factor: 1_000, ms: 2_600 },
    { at: at + 400 + random.below(600), kind: 'kill', node, downMs: 300 },
  ] as const;
}

/** And takes long to get to its disk. */
const CUT_THEN_SLOW: Round = (at, random) => {
  const [missing, node] = cutOff(at, random);
  return [missing, { at: at + 900, kind: 'slow disk', node, factor: 200, ms: 1_500 }];
};

function cutOff(at: number, random: SeededRandom) {
  const [node, ...others] = shuffled(random);
  return [{ at, kind: 'cut', shape: 'one', ways: between(node, others), ms: 1_000 }, node] as const;
}

const WRITES = { mix: mix({ get: 0.3, 'put blind': 0.3, 'read, merge, write': 1 }) };
const SLOPPY = { strict: false, ...WRITES };
const APART = { everyMs: 2_500, round: CUT_ONE, client: WRITES };
const STANDING_IN = { nodes: 5, everyMs: 4_000, round: OWNERS_CUT, client: SLOPPY };

export const HANDOFF_MUTANTS: readonly Mutant[] = [
  {
    name: 'a note goes though the answer of its target was lost',
    file: 'src/repair/replay.ts',
    find: 'const held = await lane.send(records);',
    replace: 'const held = await lane.send(records).catch(() => records.map(() => true));',
    seeds: 12,
    invariants: ['I8'],
    plan: aimedAt({ ...APART, everyMs: 4_000, safetyMs: 25_000, round: CUT_THEN_DEATH }),
  },
  {
    name: 'notes are kept in memory only',
    file: 'src/replica/hints.ts',
    find: 'operations: changes.map(({ note, by }) =>',
    replace: 'operations: changes.filter(({ by }) => by === -1).map(({ note, by }) =>',
    seeds: 12,
    invariants: ['I6'],
    // Nothing else would bring it; and each write is acknowledged, so that what somebody missed is noted.
    plan: aimedAt({
      ...APART,
      keys: 12,
      client: { w: 1, mix: mix({ 'put blind': 1, 'delete seen': 0.3 }) },
      without: ['read-repair', 'anti-entropy'],
    }),
  },
  {
    name: 'what one owner misses is sent to another one',
    file: 'src/repair/lane.ts',
    find: 'peers.replica(target).handOff(records, call)',
    replace: "peers.replica(target === 'n1' ? 'n2' : 'n1').handOff(records, call)",
    seeds: 12,
    invariants: ['I8'],
    plan: aimedAt(APART),
  },
  {
    name: 'a note goes though the row has changed since it was sent',
    file: 'src/repair/replay.ts',
    find: 'holdings.served(target, { place, digest })',
    replace: 'holdings.forget({ target, place })',
    seeds: 12,
    invariants: ['I8'],
    plan: aimedAt({ ...APART, everyMs: 1_200, keys: 2, round: CUT_THEN_SLOW }),
  },
  {
    name: 'a stand-in is rid of a record when one of its owners has it',
    file: 'src/repair/foreign.ts',
    find: 'helds.every(held => held[i] === true)',
    replace: 'helds.some(held => held[i] === true)',
    also: [
      {
        file: 'src/repair/foreign.ts',
        find: "answers.find(answer => answer.status === 'rejected')",
        replace: 'undefined',
      },
    ],
    seeds: 12,
    invariants: ['I8'],
    plan: aimedAt({ ...STANDING_IN, round: OWNERS_CUT_THEN_DEATH }),
  },
  {
    name: 'a stand-in is rid of a record without asking',
    file: 'src/repair/foreign.ts',
    find: 'lanes.map(lane => lane.send(batch))',
    replace: 'lanes.map(() => batch.map(() => true))',
    seeds: 12,
    invariants: ['I8'],
    plan: aimedAt(STANDING_IN),
  },
  {
    name: 'a stand-in is rid of a record that has changed since it was sent',
    file: 'src/replica/custody.ts',
    find: "row !== undefined && row !== 'damaged' && sameDigest(row.digest, digest)",
    replace: 'true',
    seeds: 12,
    invariants: ['I8', 'I7'],
    plan: aimedAt(STANDING_IN),
  },
  {
    name: 'records are taken over before they are durable',
    file: 'src/replica/merging.ts',
    find: 'const applied = await Promise.allSettled(',
    replace: "const applied = records.map(() => ({ status: 'fulfilled' })); void Promise.allSettled(",
    seeds: 12,
    invariants: ['I8'],
    plan: aimedAt({ ...APART, round: CUT_THEN_SLOW }),
  },
  {
    name: 'a note goes for a record that its target has refused',
    file: 'src/repair/lane.ts',
    find: "metrics.count('handoff.failed', records.length);",
    replace:
      "if (error.failure === 'refused') return records.map(() => true); metrics.count('handoff.failed', records.length);",
    seeds: 12,
    invariants: ['I8'],
    plan: aimedAt({ ...APART, round: CUT_THEN_FAULT }),
  },
  {
    name: "a row that is handed off stays in its segment's index",
    file: 'src/replica/custody.ts',
    find: '[dataKey(place), indexKey(place)]',
    replace: '[dataKey(place)]',
    seeds: 12,
    invariants: ['I7'],
    plan: aimedAt(STANDING_IN),
  },
  {
    name: "a row that is handed off stays in its segment's sum",
    file: 'src/replica/custody.ts',
    find: 'segments.change({ partition, segment, before: digest, after: undefined });',
    replace: '',
    seeds: 12,
    invariants: ['I7'],
    plan: aimedAt(STANDING_IN),
  },
];
