import { expect, test } from 'vitest';
import { nodeName } from '../../../src/base/ids.ts';
import type { Founder, FoundingSet } from '../../../src/core/membership/cluster.ts';
import { type FoundingView, foundingStep } from '../../../src/core/membership/founding.ts';

const founder = (name: string, nonce = '0f'): Founder => ({
  name: nodeName(name),
  zone: '',
  weight: 1,
  nonce: nonce.repeat(16),
});
const set = (...names: string[]): FoundingSet => names.map(name => founder(name));

interface Told {
  readonly expect: number;
  readonly met: FoundingSet;
  /** By default everybody met, each expecting as many as this node. */
  readonly heard?: Readonly<Record<string, number | undefined>>;
  readonly votes?: Readonly<Record<string, FoundingSet>>;
}

/** As n1 sees it. */
function view({ expect, met, heard, votes = {} }: Told): FoundingView {
  const words = heard ?? Object.fromEntries(met.map(({ name }) => [name, expect]));
  return {
    expect,
    met: new Map(met.map(each => [each.name, each])),
    heard: new Map(Object.entries(words).map(([name, n]) => [nodeName(name), n])),
    votes: new Map(Object.entries(votes).map(([name, vote]) => [nodeName(name), vote])),
    vote: votes.n1,
  };
}

const ABC = set('n1', 'n2', 'n3');

test.each<[situation: string, told: Told, step: object]>([
  ['a cluster of one needs nobody', { expect: 1, met: set('n1') }, { kind: 'vote', set: set('n1') }],
  [
    'alone of three',
    { expect: 3, met: set('n1') },
    { kind: 'wait', awaited: ['2 more of 3 nodes; met so far: n1'] },
  ],
  ['all three have met and spoken', { expect: 3, met: ABC }, { kind: 'vote', set: ABC }],
  [
    'met in another order: the set is sorted, so that all write down the same',
    { expect: 3, met: set('n3', 'n1', 'n2') },
    { kind: 'vote', set: ABC },
  ],
  [
    'one is known by hearsay only',
    { expect: 3, met: ABC, heard: { n1: 3, n2: 3 } },
    { kind: 'wait', awaited: ['a word from n3 itself'] },
  ],
  [
    'one more than expected',
    { expect: 2, met: ABC },
    {
      kind: 'wait',
      awaited: [
        '3 nodes have met but 2 are expected: n1, n2, n3; stop them all, then start those that belong',
      ],
    },
  ],
  [
    'two expect different numbers',
    { expect: 2, met: set('n1', 'n2'), heard: { n1: 2, n2: 3 } },
    {
      kind: 'wait',
      awaited: [expect.stringContaining('n2 to agree on the number: it expects 3, this node 2')],
    },
  ],
  [
    'written down, and waiting for the others',
    { expect: 3, met: ABC, votes: { n1: ABC, n2: ABC } },
    { kind: 'wait', awaited: ['n3 to write down the founding set'] },
  ],
  [
    'all have written down the same',
    { expect: 3, met: ABC, votes: { n1: ABC, n2: ABC, n3: ABC } },
    { kind: 'found', set: ABC },
  ],
  [
    'the same in another order',
    { expect: 2, met: set('n1', 'n2'), votes: { n1: set('n1', 'n2'), n2: set('n2', 'n1') } },
    { kind: 'found', set: set('n1', 'n2') },
  ],
  [
    'one has written down another set',
    { expect: 2, met: set('n1', 'n2'), votes: { n1: set('n1', 'n2'), n2: set('n2', 'n4') } },
    {
      kind: 'wait',
      awaited: [expect.stringContaining('n2, which has written down another set: n2, n4 instead of n1, n2')],
    },
  ],
  [
    'one was wiped since and wrote down its new self: names alone would not tell the difference',
    {
      expect: 2,
      met: set('n1', 'n2'),
      votes: { n1: set('n1', 'n2'), n2: [founder('n1'), founder('n2', 'ee')] },
    },
    {
      kind: 'wait',
      awaited: [expect.stringMatching(/n1, n2 \(disk eeeeeeee, .*\) instead of n1, n2 \(disk 0f0f0f0f/)],
    },
  ],
  [
    'written down, and then one too many is met: it is named, though the set stands',
    { expect: 2, met: ABC, votes: { n1: set('n1', 'n2') } },
    {
      kind: 'wait',
      awaited: [
        expect.stringMatching(/^3 nodes have met but 2 are expected: n1, n2, n3/),
        'n2 to write down the founding set',
      ],
    },
  ],
  [
    'started again with another number: what is written down stands',
    { expect: 5, met: set('n1'), votes: { n1: ABC, n2: ABC, n3: ABC } },
    { kind: 'found', set: ABC },
  ],
])('%s', (_situation, told, step) => {
  expect(foundingStep(view(told))).toEqual(step);
});
