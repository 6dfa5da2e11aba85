/** Bugs in who a node is after a restart, and in what it gives names to (DESIGN §4, *Dots*, *Incarnations*). */
import type { Mutant } from './mutate.ts';

export const IDENTITY_MUTANTS: readonly Mutant[] = [
  {
    name: 'a counter is given out again',
    file: 'src/replica/counter-ledger.ts',
    find: 'this.#note(this.#incarnation, counter);',
    replace: 'if (counter % 10 > 0) this.#note(this.#incarnation, counter);',
    also: [
      {
        file: 'src/replica/minter.ts',
        find: 'if (ours && dot.counter > this.#counters.last)',
        replace: 'if (false)',
      },
    ],
    seeds: 60,
    invariants: ['I3'],
  },
  {
    name: 'a crash keeps the incarnation, whatever the others say',
    file: 'src/core/membership/identity.ts',
    find: 'if (doubt)',
    replace: 'if (doubt?.lost)',
    also: [
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
      {
        file: 'src/membership/settlement.ts',
        find: "if (word !== 'agreed' && !this.#stopped)",
        replace: 'if (false)',
      },
    ],
    seeds: 60,
    invariants: ['I1', 'I3', 'I5'],
  },
];
