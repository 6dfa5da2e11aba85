/** Which call counts as the worst after a blow, and what the page says of it. */
import { expect, test } from 'vitest';
import { latenciesOf, worstAfter } from './figures.ts';
import type { Call } from './history.ts';
import { figuresPage } from './page.ts';

function call(began: number, ended: number, key = 'k'): Call {
  return { kind: 'get', key, began, ended, failure: undefined };
}

const struck = [{ kind: 'kill', node: 'n2', at: 10_000 } as const];

test('a call counts that was under way when a node was hit, or began within three seconds', () => {
  const calls = [call(0, 9_999), call(9_000, 10_001), call(12_999, 13_500), call(13_001, 20_000)];
  expect(worstAfter('kill', { calls, struck })?.call).toBe(calls[1]);
  expect(worstAfter('freeze', { calls, struck })).toBeUndefined();
});

test('percentiles are those of the calls, the worst among them', () => {
  const calls = Array.from({ length: 1000 }, (_, i) => call(0, i + 1));
  expect(latenciesOf(calls)).toEqual({ p50: 500, p99: 990, p999: 999, worst: 1000 });
  expect(latenciesOf([]).worst).toBe(0);
});

test('the page says what the worst call did, and whether the aim is reached', () => {
  const ran = { operations: [], findings: [], excused: [], owners: new Map([['k', ['n2', 'n4', 'n5']]]) };
  const missed = figuresPage({ ...ran, calls: [call(10_100, 10_900)], struck });
  expect(missed).toMatch(
    /worst after a kill +800 ms +aim ≤ 500 ms +missed +get k \(owners n2 n4 n5\), begun 100 ms after/,
  );
  const reached = figuresPage({ ...ran, calls: [call(9_900, 10_100)], struck });
  expect(reached).toMatch(/200 ms +aim ≤ 500 ms +reached .* begun 100 ms before the blow to n2/);
});
