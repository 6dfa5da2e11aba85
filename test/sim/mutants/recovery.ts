/** Bugs in what a node owes that may have lost something (DESIGN §6, *Recovering*). */
import type { Edit, Mutant } from './mutate.ts';

/** The guard behind the node's own memory: what the others have heard of its store. */
const OTHERS_FORGET: Edit = {
  file: 'src/membership/membership.ts',
  find: 'if (answer.rememberedBatch > told)',
  replace: 'if (false)',
};

export const RECOVERY_MUTANTS: readonly Mutant[] = [
  {
    name: "a wiped node's «I have nothing» counts: it is never marked recovering",
    file: 'src/replica/opening.ts',
    find: 'const marked = verdict.lost || !recovering.told ? recovering.markAll() : undefined;',
    replace: 'const marked = undefined;',
    also: [
      { file: 'src/membership/birth.ts', find: 'await this.#parts.markLost();', replace: '' },
      OTHERS_FORGET,
    ],
    seeds: 60,
    invariants: ['I1', 'I5'],
  },
  {
    name: 'a recovering node counts in strict reads',
    file: 'src/core/quorum/read-tally.ts',
    find: "return answer.role === 'primary' && !answer.recovering;",
    replace: "return answer.role === 'primary';",
    seeds: 60,
    invariants: ['I1', 'I5'],
  },
  {
    name: 'that a replica is recovering gets lost on the wire',
    file: 'src/wire/replica-messages.ts',
    find: 'return { digest, record, recovering: message.recovering };',
    replace: 'return { digest, record, recovering: false };',
    seeds: 60,
    invariants: ['I1', 'I5'],
  },
  {
    name: 'a node that lost its disk asks one other owner only',
    file: 'src/repair/refill.ts',
    find: 'for (const owner of others)',
    replace: 'for (const owner of others.slice(0, 1))',
    seeds: 60,
    invariants: ['I1', 'I5'],
  },
  {
    name: 'batches missing in the middle of the log are not missed',
    file: 'src/core/membership/identity.ts',
    find: 'when: ({ store }) => store.trailBroken,',
    replace: 'when: () => false,',
    seeds: 60,
    invariants: ['I1', 'I5'],
  },
  {
    name: 'batches missing at the end of the log are not missed',
    file: 'src/core/membership/identity.ts',
    find: 'floor !== undefined && store.lastBatch < floor,',
    replace: 'false,',
    also: [OTHERS_FORGET],
    seeds: 60,
    invariants: ['I1', 'I5'],
  },
];
