/** Bugs in who is asked, who counts, and what a coordinator does with the answers (DESIGN §6). */
import { aimedAt, CUT_ONE, KILL, mix } from './aims.ts';
import type { Mutant } from './mutate.ts';

export const QUORUM_MUTANTS: readonly Mutant[] = [
  {
    name: 'a coordinator that is no replica mints here, and takes itself for a primary',
    file: 'src/coordinator/coordinator.ts',
    find: 'list.fallbacks.find(node => peers.reachable(node)) === self',
    replace: 'true',
    also: [
      // Behind the choice of who coordinates stand this early exit, and the role in which a stand-in counts
      // itself.
      {
        file: 'src/coordinator/coordinator.ts',
        find: 'strict || list.primaries.some(node => peers.reachable(node))',
        replace: 'false',
      },
      {
        file: 'src/coordinator/coordinator.ts',
        find: "role: 'fallback', standsInFor: undefined };",
        replace: "role: 'primary', standsInFor: undefined };",
      },
      {
        file: 'src/coordinator/coordinator.ts',
        find: 'if (strict || list.primaries.includes(self))',
        replace: 'if (false)',
      },
    ],
    seeds: 25,
    invariants: ['I4', 'I5'],
  },
  {
    name: 'a put that is handed on gets a new write id',
    file: 'src/rpc/remote-coordinator.ts',
    find: 'put: putMessage(request) }',
    replace: 'put: putMessage({ ...request, writeId: undefined }) }',
    seeds: 25,
    invariants: ['I1', 'I2', 'I12'],
  },
  {
    name: 'a fallback counts in strict mode',
    file: 'src/core/quorum/write-tally.ts',
    find: "!strict || role === 'primary'",
    replace: 'true',
    also: [
      // A strict write does not even ask one.
      {
        file: 'src/core/quorum/candidates.ts',
        find: 'const fallbacks = strict ? [] : list.fallbacks.filter(reachable);',
        replace: 'const fallbacks = list.fallbacks.filter(reachable);',
      },
    ],
    seeds: 12,
    invariants: ['I1', 'I5'],
    plan: aimedAt({ nodes: 5, everyMs: 1_500, round: KILL }),
  },
  {
    name: 'a write counts each node twice',
    file: 'src/core/quorum/write-tally.ts',
    find: 'const acks = countOf(tally.acked, strict);',
    replace: 'const acks = 2 * countOf(tally.acked, strict);',
    seeds: 25,
    invariants: ['I1', 'I5'],
  },
  {
    name: 'a read counts each node twice',
    file: 'src/core/quorum/read-tally.ts',
    find: 'counted.length >= tally.required &&',
    replace: '2 * counted.length >= tally.required &&',
    seeds: 25,
    invariants: ['I1', 'I5'],
  },
  {
    name: 'a coordinator ships the new sibling alone to the other replicas',
    file: 'src/coordinator/write-round.ts',
    find: '.apply({ place, record: sealed, standsInFor }, this.#ownCall);',
    replace:
      '.apply({ place, record: seal({ ...sealed.record, siblings: sealed.record.siblings.toSorted((a, b) => b.writtenAt - a.writtenAt).slice(0, 1) }, place), standsInFor }, this.#ownCall);',
    also: [
      // What it needs to make such a record.
      {
        file: 'src/coordinator/write-round.ts',
        find: "import { ShoalError } from '../base/errors",
        replace: "import { seal } from '../core/record/codec.js'; import { ShoalError } from '../base/errors",
      },
    ],
    seeds: 25,
    invariants: ['I1', 'I2'],
  },
  {
    name: 'the context is ignored on put',
    file: 'src/coordinator/changes.ts',
    find: ': put(record, { seen, write });',
    replace: ': put(record, { seen: { vector: [], writes: [] }, write });',
    seeds: 25,
    invariants: ['I9'],
  },
  {
    name: 'an overwrite does without its second round',
    file: 'src/coordinator/second-round.ts',
    find: 'if (others.length === 0)',
    replace: 'if (true)',
    seeds: 12,
    invariants: ['I1', 'I9'],
    plan: aimedAt({
      everyMs: 1_300,
      keys: 2,
      round: CUT_ONE,
      client: {
        mix: mix({
          get: 1,
          'put blind': 1,
          'put overwrite': 1,
          'delete unseen': 0.3,
        }),
      },
    }),
  },
  {
    name: 'an unseen delete does nothing',
    file: 'src/coordinator/changes.ts',
    find: 'remove(record, seenOf(record))',
    replace: 'record',
    seeds: 60,
    invariants: ['I9'],
  },
  {
    name: 'an overwrite is a blind put',
    file: 'src/coordinator/changes.ts',
    find: 'overwrites ? overwrite(record, write)',
    replace: 'overwrites ? put(record, { seen: { vector: [], writes: [] }, write })',
    seeds: 60,
    invariants: ['I9'],
  },
  {
    name: 'the reply of a write shows no siblings, and its context covers them',
    file: 'src/coordinator/replies.ts',
    find: '.filter(sibling => sibling.writeId !== own)',
    replace: '.filter(() => false)',
    seeds: 25,
    invariants: ['I2'],
  },
  {
    name: 'the reply of a read shows one sibling, and its context covers all',
    file: 'src/coordinator/replies.ts',
    find: 'siblings: view(record).map(shown),',
    replace: 'siblings: view(record).slice(0, 1).map(shown),',
    seeds: 25,
    invariants: ['I1', 'I2'],
  },
  {
    name: 'a read shows one of the records that differ, not their merge',
    file: 'src/coordinator/read-round.ts',
    find: 'const held = answers.filter(({ digest }) => !isZero(digest));',
    replace: 'const held = answers.filter(({ digest }) => !isZero(digest)).slice(0, 1);',
    seeds: 12,
    invariants: ['I1', 'L1'],
    plan: aimedAt({ everyMs: 1_300, round: CUT_ONE }),
  },
  {
    name: 'nothing is repaired by a read',
    file: 'src/coordinator/read-round.ts',
    find: 'unrepaired: await this.#repair(counted, shown) });',
    replace: 'unrepaired: 0 });',
    seeds: 12,
    invariants: ['I1', 'I4', 'L1'],
    plan: aimedAt({ everyMs: 1_300, round: CUT_ONE }),
  },
  {
    name: 'a read does not wait for its repairs, and says that it did',
    file: 'src/coordinator/read-repair.ts',
    find: 'if (this.#missing > 0 && this.#underWay > 0)',
    replace: 'if (false)',
    also: [
      // Its reply would say how many are left.
      {
        file: 'src/coordinator/read-repair.ts',
        find: 'return Math.max(0, this.#missing);',
        replace: 'return 0;',
      },
    ],
    seeds: 12,
    invariants: ['I1', 'I4'],
    plan: aimedAt({ everyMs: 1_300, round: CUT_ONE }),
  },
  {
    name: 'a write whose answer was lost on the way is said not to be applied',
    file: 'src/rpc/remote-coordinator.ts',
    find: "{ outcome: 'unknown', cause }",
    replace: "{ outcome: 'not applied', cause }",
    seeds: 25,
    invariants: ['I1', 'I2'],
  },
];
