/** Turns among kinds of work that wait. */
import { expect, test } from 'vitest';
import { DUE, KINDS, type Kind } from '../../../src/core/overload/kinds.ts';
import { Shares } from '../../../src/core/overload/shares.ts';

/** How often each of them got its turn, when all of these wait all the time. */
function turns(shares: Shares, waiting: readonly Kind[], count: number): Partial<Record<Kind, number>> {
  const had: Partial<Record<Kind, number>> = {};
  for (let i = 0; i < count; i++) {
    const kind = shares.next(each => waiting.includes(each))!;
    shares.took(kind);
    had[kind] = (had[kind] ?? 0) + 1;
  }
  return had;
}

test('with nothing waiting it is nobody’s turn', () => {
  expect(new Shares().next(() => false)).toBeUndefined();
});

test.each<[readonly Kind[]]>([
  [['read', 'write']],
  [['peer', 'background']],
  [['read', 'background']],
  [KINDS],
])('%s take turns by their shares', kinds => {
  const all = kinds.reduce((sum, kind) => sum + DUE[kind].share, 0);
  const had = turns(new Shares(), kinds, 40 * all);
  expect(had).toEqual(Object.fromEntries(kinds.map(kind => [kind, 40 * DUE[kind].share])));
});

test('who comes after a long time has saved up no turns', () => {
  const shares = new Shares();
  turns(shares, ['read'], 10_000);
  shares.joins('write');
  expect(turns(shares, ['read', 'write'], 100)).toEqual({ read: 50, write: 50 });
});

test('who goes and comes back has lost none', () => {
  const shares = new Shares();
  for (let i = 0; i < 100; i++) {
    shares.joins('write');
    turns(shares, ['read', 'write'], 2);
  }
  shares.joins('write');
  expect(turns(shares, ['read', 'write'], 100)).toEqual({ read: 50, write: 50 });
});
