import { expect, it } from 'vitest';
import { nodeName } from '../../../src/base/ids.ts';
import { plan } from '../../../src/core/quorum/candidates.ts';

const LIST = { primaries: ['a', 'b', 'c'].map(nodeName), fallbacks: ['d', 'e', 'f'].map(nodeName) };

interface Case {
  readonly self: string;
  readonly up: string;
  readonly strict?: boolean;
  /** `d>b`: d stands in for b. */
  readonly candidates: string;
  readonly spares: string;
  readonly missed: string;
}

it.each<[string, Case]>([
  ['all are up', { self: 'x', up: 'abcdef', candidates: 'a b c', spares: 'd e f', missed: '' }],
  [
    'a replica asks itself first',
    { self: 'c', up: 'abcdef', candidates: 'c a b', spares: 'd e f', missed: '' },
  ],
  ['a primary is down', { self: 'a', up: 'acdef', candidates: 'a c d>b', spares: 'e f', missed: '' }],
  [
    'the first fallback is down too',
    { self: 'a', up: 'acef', candidates: 'a c e>b', spares: 'f', missed: '' },
  ],
  ['two are down', { self: 'c', up: 'cdef', candidates: 'c d>a e>b', spares: 'f', missed: '' }],
  ['too few stand in', { self: 'c', up: 'cd', candidates: 'c d>a', spares: '', missed: 'b' }],
  ['all primaries are down', { self: 'd', up: 'def', candidates: 'd>a e>b f>c', spares: '', missed: '' }],
  [
    'a stand-in comes first at home, in its place in the list',
    { self: 'e', up: 'def', candidates: 'e>b d>a f>c', spares: '', missed: '' },
  ],
  [
    'a fallback that is not needed does not push itself in before the others',
    { self: 'f', up: 'bcdef', candidates: 'b c d>a', spares: 'e f', missed: '' },
  ],
  [
    'strict: primaries only',
    { self: 'a', up: 'acdef', strict: true, candidates: 'a c', spares: '', missed: 'b' },
  ],
  [
    'strict: nobody is left',
    { self: 'd', up: 'def', strict: true, candidates: '', spares: '', missed: 'a b c' },
  ],
])('%s', (_, { self, up, strict = false, candidates, spares, missed }) => {
  const made = plan(LIST, { self: nodeName(self), strict, reachable: node => up.includes(node) });
  const shown = made.candidates.map(({ node, role, standsInFor }) => {
    expect(role).toBe(LIST.primaries.includes(node) ? 'primary' : 'fallback');
    return standsInFor === undefined ? node : `${node}>${standsInFor}`;
  });
  expect({
    candidates: shown.join(' '),
    spares: made.spares.join(' '),
    missed: made.missed.join(' '),
    down: made.down.join(''),
  }).toEqual({
    candidates,
    spares,
    missed,
    down: 'abc'.replace(new RegExp(`[${up}]`, 'g'), ''),
  });
});
