import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Network } from '../../../src/core/ring/min-cost-flow.ts';

interface Pipe {
  readonly from: number;
  readonly to: number;
  readonly capacity: number;
  readonly cost: number;
}

const INNER = 3;
const vertex = fc.integer({ min: 0, max: INNER + 1 });
const pipes = fc.array(
  fc.record({
    from: vertex,
    to: vertex,
    capacity: fc.integer({ min: 0, max: 2 }),
    cost: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: 7 },
);

function networkOf(all: readonly Pipe[]) {
  const network = new Network();
  for (let i = 0; i < INNER; i++) network.vertex();
  return { network, arcs: all.map(pipe => network.arc(pipe)) };
}

/** Every way to send something through each pipe. */
function flows(all: readonly Pipe[]): readonly (readonly number[])[] {
  return all.reduce<number[][]>(
    (so, { capacity }) =>
      so.flatMap(flow => Array.from({ length: capacity + 1 }, (_, sent) => [...flow, sent])),
    [[]],
  );
}

/** What comes out of a vertex above what goes in. */
function gain(all: readonly Pipe[], flow: readonly number[], at: number): number {
  return all.reduce((sum, { from, to }, i) => sum + flow[i]! * (Number(from === at) - Number(to === at)), 0);
}

function costOf(all: readonly Pipe[], flow: readonly number[]): number {
  return all.reduce((sum, { cost }, i) => sum + cost * flow[i]!, 0);
}

test('as much flows as can, as cheaply as can be, among all flows there are', () => {
  fc.assert(
    fc.property(pipes, all => {
      const { network, arcs } = networkOf(all);
      const sent = network.fill();
      const flow = arcs.map(arc => network.flow(arc));
      const inner = Array.from({ length: INNER }, (_, i) => i + 2);
      const possible = flows(all).filter(other => inner.every(at => gain(all, other, at) === 0));
      const most = Math.max(...possible.map(other => gain(all, other, Network.source)));
      const full = possible.filter(other => gain(all, other, Network.source) === most);
      expect(possible).toContainEqual(flow);
      expect([sent, gain(all, flow, Network.source)]).toEqual([most, most]);
      expect(costOf(all, flow)).toBe(Math.min(...full.map(other => costOf(all, other))));
    }),
    { numRuns: 300 },
  );
});

test('what a drain has been given it keeps when others are widened', () => {
  const network = new Network();
  const [dear, cheap] = [network.vertex(), network.vertex()];
  network.arc({ from: Network.source, to: dear, capacity: 2, cost: 5 });
  network.arc({ from: Network.source, to: cheap, capacity: 2 });
  const first = network.arc({ from: dear, to: Network.sink, capacity: 1 });
  const second = network.arc({ from: cheap, to: Network.sink, capacity: 0 });
  expect(network.fill()).toBe(1);
  network.widen(second, 2);
  expect(network.fill()).toBe(2);
  expect([network.flow(first), network.flow(second)]).toEqual([1, 2]);
});

test('nothing flows where no path is', () => {
  expect(new Network().fill()).toBe(0);
});
