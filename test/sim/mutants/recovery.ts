/** Bugs in what a node owes that may have lost something (DESIGN §6, *Recovering*). */
import { type Aim, aimedAt, between, logLoss, READ_ONE, shuffled, wipeApart } from './aims.ts';
import type { Edit, Mutant } from './mutate.ts';

/** The guard behind the node's own memory: what the others have heard of its store. */
const OTHERS_FORGET: Edit = {
  file: 'src/membership/membership.ts',
  find: 'if (answer.rememberedBatch > this.#openedAt)',
  replace: 'if (false)',
};

/** Reads ask nodes that are recovering, and one answer is enough. */
const RECOVERING: Aim = { everyMs: 4_500, keys: 10, round: wipeApart, client: READ_ONE };

export const RECOVERY_MUTANTS: readonly Mutant[] = [
  {
    name: "a wiped node's «I have nothing» counts: it is never marked recovering",
    file: 'src/replica/opening.ts',
    find: 'const marked = verdict.lost || !recovering.told ? recovering.markAll() : undefined;',
    replace: 'const marked = undefined;',
    also: [
      // It is marked when it learns its cluster from the others, too, and when they remember more of it.
      { file: 'src/membership/birth.ts', find: 'await this.#parts.markLost();', replace: '' },
      OTHERS_FORGET,
    ],
    seeds: 12,
    invariants: ['I1', 'I5', 'I9'],
    plan: aimedAt(RECOVERING),
  },
  {
    name: 'a recovering node counts in strict reads',
    file: 'src/core/quorum/read-tally.ts',
    find: "return answer.role === 'primary' && !answer.recovering;",
    replace: "return answer.role === 'primary';",
    seeds: 12,
    invariants: ['I1', 'I5', 'I9'],
    plan: aimedAt(RECOVERING),
  },
  {
    name: 'that a replica is recovering gets lost on the wire',
    file: 'src/wire/replica-messages.ts',
    find: 'return { digest, record, recovering: message.recovering };',
    replace: 'return { digest, record, recovering: false };',
    seeds: 12,
    invariants: ['I1', 'I5', 'I9'],
    // With more nodes than owners, so that others are asked.
    plan: aimedAt({ ...RECOVERING, nodes: 5 }),
  },
  {
    name: 'a node that lost its disk asks one other owner only',
    file: 'src/repair/refill.ts',
    find: 'for (const owner of others)',
    replace: 'for (const owner of others.slice(0, 1))',
    seeds: 12,
    invariants: ['I1', 'I5', 'I9'],
    // What b and a were told while c was cut off, a can have back from b alone.
    plan: aimedAt({
      everyMs: 3_500,
      safetyMs: 30_000,
      keys: 10,
      round: (at, random) => {
        const [a, b, c] = shuffled(random);
        return [
          { at, kind: 'cut', shape: 'one', ways: between(c, [a, b]), ms: 2_000 },
          { at: at + 1_900, kind: 'wipe', node: a, downMs: 200 },
        ];
      },
    }),
  },
  {
    name: 'batches missing in the middle of the log are not missed',
    file: 'src/core/membership/identity.ts',
    find: 'when: ({ store }) => store.trailBroken,',
    replace: 'when: () => false,',
    seeds: 12,
    invariants: ['I1', 'I5', 'I9'],
    plan: aimedAt({
      keys: 10,
      round: logLoss({ tail: false }),
      client: READ_ONE,
    }),
  },
  {
    name: 'batches missing at the end of the log are not missed',
    file: 'src/core/membership/identity.ts',
    find: 'floor !== undefined && store.lastBatch < floor,',
    replace: 'false,',
    also: [OTHERS_FORGET],
    seeds: 12,
    invariants: ['I1', 'I5', 'I9'],
    plan: aimedAt({
      keys: 10,
      round: logLoss({ tail: true }),
      client: READ_ONE,
    }),
  },
  {
    ...OTHERS_FORGET,
    name: 'what the others remember of a store that was rolled back is not looked at',
    seeds: 12,
    invariants: ['I1', 'I5', 'I9'],
    plan: aimedAt({
      keys: 10,
      safetyMs: 20_000,
      everyMs: 3_000,
      round: (at, random) => [
        {
          at,
          kind: 'rollback',
          node: shuffled(random)[0],
          downMs: 200,
          backMs: 2_500,
          toCleanStop: false,
          copied: false,
          amnesia: false,
        },
      ],
      client: READ_ONE,
    }),
  },
  {
    name: 'which partitions are recovering is forgotten at a restart',
    file: 'src/replica/recovering.ts',
    find: 'born ? readMarks(store) : [];',
    replace: '[];',
    seeds: 12,
    invariants: ['I1', 'I5', 'I9'],
    plan: aimedAt({
      ...RECOVERING,
      round: (at, random) => {
        const [apart, wipe] = wipeApart(at, random);
        return [apart, wipe, { ...wipe, at: at + 2_000, kind: 'kill' }];
      },
    }),
  },
];
