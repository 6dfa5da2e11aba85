/** Bugs in what a record becomes (DESIGN §4). */
import { aimedAt, CUT_ONE, mix, ROT } from './aims.ts';
import type { Mutant } from './mutate.ts';

export const RECORD_MUTANTS: readonly Mutant[] = [
  {
    name: 'a merge keeps the covered sibling that one side has seen and dropped',
    file: 'src/core/record/record.ts',
    find: '!stands(a, sibling.dot) && !covers(a.vector, sibling.dot)',
    replace: '!stands(a, sibling.dot)',
    seeds: 25,
    invariants: ['I6', 'I9'],
  },
  {
    name: 'a merge keeps one list of overwritten writes and drops the other',
    file: 'src/core/record/record.ts',
    find: 'overwritten: unite(a.overwritten, b.overwritten),',
    replace: 'overwritten: b.overwritten,',
    seeds: 25,
    invariants: ['I6'],
  },
  {
    name: 'a delete forgets the vector',
    file: 'src/core/record/record.ts',
    find: 'return drop(record, seen);',
    replace: 'return { ...drop(record, seen), vector: [], siblings: [] };',
    seeds: 25,
    invariants: ['I1', 'I9'],
  },
  {
    name: 'an update does not take over what its client had seen',
    file: 'src/core/record/record.ts',
    find: 'vector: join(record.vector, seen.vector),',
    replace: 'vector: record.vector,',
    seeds: 25,
    invariants: ['I4', 'I9'],
  },
  {
    name: 'the twin of a replaced write is shown when its retry comes late',
    file: 'src/core/record/record.ts',
    find: 'record.overwritten.filter(write => write.hides)',
    replace: 'record.overwritten.filter(() => false)',
    seeds: 12,
    invariants: ['I9'],
    // 1. A write's answer is lost with a cut; 2. others have seen it, and replace it; 3. its retry reaches a
    // node that was cut off all the while.
    plan: aimedAt({
      keys: 3,
      everyMs: 1_300,
      round: CUT_ONE,
      client: {
        retries: 1,
        deadlineMs: 1_500,
        mix: mix({ get: 0.5, 'put blind': 1, 'read, merge, write': 1 }),
      },
    }),
  },
  {
    name: 'a repair, as any apply, overwrites the row instead of merging',
    file: 'src/replica/merging.ts',
    find: 'return row === undefined ? record : mergeSealed(row.sealed, record, place);',
    replace: 'return record;',
    seeds: 25,
    invariants: ['I1', 'I2'],
  },
  {
    name: 'an actor outlives the row it minted for',
    file: 'src/core/record/minting.ts',
    find: 'birth?.incarnation === next.incarnation ? birth : next;',
    replace: '{ ...next, counter: 1 };',
    seeds: 12,
    invariants: ['I1', 'I2'],
    // A row must be lost, and minted for before it is mended.
    plan: aimedAt({
      everyMs: 150,
      round: ROT,
      client: { mix: mix({ 'put blind': 1, 'read, merge, write': 0.3 }) },
    }),
  },
];
