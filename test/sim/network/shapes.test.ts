/** The shapes of broken networks are what their names say, whatever the number of nodes. */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import type { Way } from '../plan.ts';
import { drawShape, SHAPES } from './shapes.ts';

const SIZES = [3, 4, 5, 6, 7, 8, 9];
const nodes = (size: number) => Array.from({ length: size }, (_, i) => `n${i + 1}`);
const waysOf = (name: string, size: number) => SHAPES.find(({ shape }) => shape === name)!.ways(nodes(size));
const text = (ways: readonly Way[]) => ways.map(({ from, to }) => `${from}>${to}`);
const isCut = (ways: readonly Way[], from: string, to: string) => text(ways).includes(`${from}>${to}`);
const isTwoWay = (ways: readonly Way[]) => ways.every(({ from, to }) => isCut(ways, to, from));
const hears = (ways: readonly Way[], node: string, size: number) =>
  nodes(size).filter(other => other === node || !isCut(ways, other, node));

describe.each(SIZES)('among %i nodes', size => {
  it.each(SHAPES)('$shape cuts something, nothing twice, and nobody from itself', ({ ways }) => {
    const cut = ways(nodes(size));
    expect(cut.length).toBeGreaterThan(0);
    expect(new Set(text(cut)).size).toBe(cut.length);
    expect(
      cut.every(({ from, to }) => from !== to && nodes(size).includes(from) && nodes(size).includes(to)),
    ).toBe(true);
  });

  it.each(['one against all', 'halves', 'minority third', 'bridge'])('%s cuts both directions', shape => {
    expect(isTwoWay(waysOf(shape, size))).toBe(true);
  });

  it.each([
    ['one is not heard', 'one against all'],
    ['one hears nobody', 'one against all'],
    ['one half is not heard', 'halves'],
    ['minority third is not heard', 'minority third'],
    ['bridge in one direction', 'bridge'],
  ])('%s is one direction of %s', (oneWay, both) => {
    const cut = waysOf(oneWay, size);
    expect(cut.some(({ from, to }) => isCut(cut, to, from))).toBe(false);
    expect(text(waysOf(both, size))).toEqual(expect.arrayContaining(text(cut)));
    expect(cut.length * 2).toBe(waysOf(both, size).length);
  });

  it('one alone sees nobody, and all others see each other', () => {
    const cut = waysOf('one against all', size);
    expect(hears(cut, 'n1', size)).toEqual(['n1']);
    expect(hears(cut, 'n2', size)).toEqual(nodes(size).slice(1));
  });

  it('a minority third is no more than a third', () => {
    const minority = hears(waysOf('minority third', size), 'n1', size);
    expect(minority.length * 3).toBeLessThanOrEqual(size);
  });

  it('over a bridge two halves are seen by one node only', () => {
    const cut = waysOf('bridge', size);
    expect(hears(cut, 'n1', size)).toEqual(nodes(size));
    const [left, right] = [hears(cut, 'n2', size), hears(cut, `n${size}`, size)];
    expect(left.filter(node => right.includes(node))).toEqual(['n1']);
    expect(Math.abs(left.length - right.length)).toBeLessThanOrEqual(1);
  });

  it('on a ring of majorities everybody hears a majority of its own, and nobody hears all', () => {
    const heard = nodes(size).map(node => hears(waysOf('ring of majorities', size), node, size));
    for (const group of heard) expect(group.length).toBeGreaterThan(size / 2);
    for (const group of heard) expect(group.length).toBeLessThan(size);
    expect(new Set(heard.map(group => group.join())).size).toBe(size);
  });
});

it('gives out the parts by lot, the same for one seed', () => {
  const draw = (seed: number) => drawShape(new SeededRandom(seed), nodes(5));
  const seeds = Array.from({ length: 200 }, (_, seed) => seed);
  const drawn = seeds.map(draw);
  expect(seeds.map(draw)).toEqual(drawn);
  expect(new Set(drawn.map(({ shape }) => shape)).size).toBe(SHAPES.length);
  expect(
    new Set(drawn.filter(({ shape }) => shape === 'a single way').map(({ ways }) => text(ways)[0])).size,
  ).toBeGreaterThan(5);
});
