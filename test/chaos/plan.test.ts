/** What a seed decides, and what it may not: that three nodes are away at once. */
import { describe, expect, test } from 'vitest';
import { type Blow, drawPlan, type Episode } from './plan.ts';

const FIVE = ['n1', 'n2', 'n3', 'n4', 'n5'];

function plans(nodes = FIVE): readonly (readonly Episode[])[] {
  return Array.from({ length: 200 }, (_, seed) => drawPlan({ seed, nodes, seconds: 60 }));
}

function blowsIn(all: readonly (readonly Episode[])[]): readonly (readonly Blow[])[] {
  return all.flat().map(({ blows }) => blows);
}

describe('a plan', () => {
  test('is the same for the same seed, and another for another', () => {
    const [one, again] = [drawPlan({ seed: 7, nodes: FIVE, seconds: 60 }), plans()[7]];
    expect(again).toEqual(one);
    expect(plans()[8]).not.toEqual(one);
  });

  test('takes away one or two nodes at a time, never one twice', () => {
    for (const blows of blowsIn(plans())) {
      expect([1, 2]).toContain(blows.length);
      expect(new Set(blows.map(({ node }) => node)).size).toBe(blows.length);
    }
  });

  test('takes away one of three, so that two are left for a quorum', () => {
    for (const blows of blowsIn(plans(['n1', 'n2', 'n3']))) expect(blows).toHaveLength(1);
  });

  test('has every shape among its first five episodes, however short the run', () => {
    for (const episodes of plans()) {
      const [first, ...others] = [...episodes.slice(0, 5)].sort((a, b) => a.blows.length - b.blows.length);
      const singles = [first!, ...others.slice(0, 2)].map(({ blows }) =>
        blows.map(({ kind }) => kind).join(),
      );
      expect(singles.sort()).toEqual(['clean stop', 'freeze', 'kill']);
      expect(others.slice(2).map(({ blows }) => blows.length)).toEqual([2, 2]);
    }
  });

  test('lasts for as long as the run', () => {
    for (const episodes of plans()) {
      const lengths = episodes.map(
        ({ calmMs, blows }) => calmMs + Math.max(...blows.map(({ afterMs, awayMs }) => afterMs + awayMs)),
      );
      expect(lengths.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(60_000);
    }
  });

  test('restarts a node while another is frozen', () => {
    const beside = blowsIn(plans()).filter(
      ([frozen, restarted]) => frozen?.kind === 'freeze' && (restarted?.afterMs ?? 0) > 100,
    );
    expect(beside.length).toBeGreaterThan(100);
    const within = beside.filter(([frozen, other]) => other!.afterMs + other!.awayMs < frozen!.awayMs);
    expect(within).toHaveLength(beside.length);
  });
});
