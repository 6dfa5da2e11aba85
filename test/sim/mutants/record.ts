/** Bugs in what a record becomes (DESIGN §4). */
import type { Mutant } from './mutate.ts';

export const RECORD_MUTANTS: readonly Mutant[] = [
  {
    name: 'a merge keeps the sibling that one side has seen and dropped',
    file: 'src/core/record/record.ts',
    find: '!has(a, sibling.dot) && !covers(a.vector, sibling.dot)',
    replace: '!has(a, sibling.dot)',
    seeds: 60,
    invariants: ['I6', 'I9'],
  },
  {
    name: 'a merge keeps one list of overwritten writes and drops the other',
    file: 'src/core/record/record.ts',
    find: 'overwritten: unite(a.overwritten, b.overwritten),',
    replace: 'overwritten: a.overwritten,',
    seeds: 60,
    invariants: ['I6', 'L1'],
  },
  {
    name: 'a delete forgets the vector',
    file: 'src/core/record/record.ts',
    find: 'return drop(record, seen);',
    replace: 'return { ...drop(record, seen), vector: [], siblings: [] };',
    seeds: 60,
    invariants: ['I9'],
  },
  {
    name: 'an update does not take over what its client had seen',
    file: 'src/core/record/record.ts',
    find: 'vector: join(record.vector, seen.vector),',
    replace: 'vector: record.vector,',
    seeds: 60,
    invariants: ['I9'],
  },
  {
    name: 'the twin of a replaced write is shown when its retry comes late',
    file: 'src/core/record/record.ts',
    find: 'record.overwritten.filter(write => write.hides)',
    replace: 'record.overwritten.filter(() => false)',
    seeds: 60,
    invariants: ['I9'],
  },
  {
    name: 'an apply overwrites the row instead of merging',
    file: 'src/replica/replica.ts',
    find: 'return row === undefined ? record : mergeSealed(row.sealed, record, place);',
    replace: 'return record;',
    seeds: 60,
    invariants: ['I1', 'I2'],
  },
  {
    name: 'an actor outlives the row it minted for',
    file: 'src/core/record/minting.ts',
    find: 'birth?.incarnation === next.incarnation ? birth : next;',
    replace: '{ ...next, counter: 1 };',
    seeds: 60,
    invariants: ['I1', 'I2'],
  },
];
