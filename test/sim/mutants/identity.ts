/**
 * Bugs in who a node is after a restart, and in what it gives names to (DESIGN §4, *Dots*, *Incarnations*).
 */
import { aimedAt, KILL, logLoss, READ_ONE } from './aims.ts';
import type { Mutant } from './mutate.ts';

export const IDENTITY_MUTANTS: readonly Mutant[] = [
  {
    name: 'a node reuses its counters after a crash',
    file: 'src/replica/counter-ledger.ts',
    find: 'await scanAll(store, knownRange(), entry => ledger.#restore(entry));',
    replace: '',
    also: [
      // The incarnation must be kept, which the node itself, the others' word at its start, and what it hears
      // of itself later forbid.
      {
        file: 'src/core/membership/identity.ts',
        find: 'const doubt = DOUBTS.find(({ when }) => when(opening));',
        replace: 'const doubt = undefined;',
      },
      {
        file: 'src/membership/settlement.ts',
        find: "if (word !== 'agreed' && !this.#stopped)",
        replace: 'if (false)',
      },
      {
        file: 'src/replica/minter.ts',
        find: 'if (ours && dot.counter > this.#counters.last)',
        replace: 'if (false)',
      },
    ],
    seeds: 12,
    invariants: ['I3'],
    plan: aimedAt({
      round: KILL,
    }),
  },
  {
    name: 'every tenth counter is given out again',
    file: 'src/replica/counter-ledger.ts',
    find: 'this.#note(this.#incarnation, counter);',
    replace: 'if (counter % 10 > 0) this.#note(this.#incarnation, counter);',
    also: [
      // It would hear of its own dot from a record, and take another incarnation.
      {
        file: 'src/replica/minter.ts',
        find: 'if (ours && dot.counter > this.#counters.last)',
        replace: 'if (false)',
      },
    ],
    seeds: 25,
    invariants: ['I3', 'I12'],
  },
  {
    name: 'a node keeps the incarnation after a crash, whatever the others say',
    file: 'src/core/membership/identity.ts',
    find: 'if (doubt)',
    replace: 'if (doubt?.lost)',
    also: [
      // The others' word at its start, and what it hears of itself later.
      {
        file: 'src/membership/settlement.ts',
        find: "if (word !== 'agreed' && !this.#stopped)",
        replace: 'if (false)',
      },
      {
        file: 'src/replica/minter.ts',
        find: 'if (ours && dot.counter > this.#counters.last)',
        replace: 'if (false)',
      },
    ],
    seeds: 60,
    invariants: ['I1', 'I3'],
  },
  {
    name: 'a node that lost rows keeps its incarnation and its mark of being whole',
    file: 'src/core/membership/identity.ts',
    find: 'const doubt = DOUBTS.find(({ when }) => when(opening));',
    replace: 'const doubt = undefined;',
    also: [
      // The others' word at its start.
      {
        file: 'src/membership/settlement.ts',
        find: "if (word !== 'agreed' && !this.#stopped)",
        replace: 'if (false)',
      },
    ],
    seeds: 12,
    invariants: ['I1', 'I3', 'I5', 'I9'],
    plan: aimedAt({ keys: 10, round: logLoss({ tail: false }), client: READ_ONE }),
  },
];
