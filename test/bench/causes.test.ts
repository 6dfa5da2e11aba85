import { describe, expect, test } from 'vitest';
import { firstCauses } from '../../bench/causes.ts';

const node = (id: number, functionName: string, url = '', lineNumber = 0) => ({
  id,
  callFrame: { functionName, url, lineNumber },
});

describe('causes from a profile', () => {
  test('functions of one module are summed, and waiting counts for nothing', () => {
    const causes = firstCauses({
      nodes: [
        node(1, '(idle)'),
        node(2, '(garbage collector)'),
        node(3, 'get', 'file:///app/dist/replica/replica.js'),
        node(4, 'put', 'file:///app/dist/replica/batch.js'),
        node(5, 'call', 'file:///app/node_modules/@grpc/grpc-js/build/src/call.js'),
        node(6, 'write', 'node:internal/streams/writable'),
      ],
      samples: [1, 1, 2, 3, 4, 4, 5, 6],
      timeDeltas: [0, 1000, 10, 20, 10, 20, 30, 10],
    });
    expect(causes.map(({ what, share }) => [what, Math.round(share * 100)])).toEqual([
      ['src/replica', 50],
      ['@grpc/grpc-js', 30],
      ['(garbage collector)', 10],
      ['node:streams', 10],
    ]);
    expect(causes[0]!.first).toEqual(['put', 'get']);
  });

  test('what the profiler itself took to begin is not of the process', () => {
    const causes = firstCauses({
      nodes: [node(1, 'dispatch'), node(2, 'get', 'file:///app/dist/node.js')],
      samples: [1, 2],
      timeDeltas: [900_000, 10],
    });
    expect(causes).toEqual([{ what: 'src/', share: 1, first: ['get'] }]);
  });

  test('a function without a name is told by its place', () => {
    const causes = firstCauses({
      nodes: [node(1, '(idle)'), node(2, '', 'file:///app/dist/rpc/serve.js', 41)],
      samples: [1, 2],
      timeDeltas: [0, 10],
    });
    expect(causes[0]).toMatchObject({ what: 'src/rpc', first: ['serve.js:42'] });
  });

  test('native code counts for the module that called it', () => {
    const causes = firstCauses({
      nodes: [
        { ...node(1, '(root)'), children: [2, 5] },
        { ...node(2, 'hash', 'file:///app/dist/base/hash.js'), children: [3] },
        { ...node(3, 'oneShotDigest'), children: [4] },
        node(4, ''),
        node(5, '(program)'),
      ],
      samples: [1, 2, 3, 4, 5],
      timeDeltas: [0, 10, 30, 30, 30],
    });
    expect(causes).toEqual([
      { what: 'src/base', share: 0.7, first: ['oneShotDigest', 'hash'] },
      { what: '(program)', share: 0.3, first: ['(program)'] },
    ]);
  });

  test('five modules at most', () => {
    const nodes = Array.from({ length: 9 }, (_, id) => node(id, 'f', `file:///app/dist/m${id}/f.js`));
    const samples = nodes.map(({ id }) => id);
    expect(firstCauses({ nodes, samples, timeDeltas: samples.map(() => 1) })).toHaveLength(5);
  });
});
