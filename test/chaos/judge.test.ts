/** Hand-made histories: those that Shoal does not promise must fail, those that it may have must not. */
import { describe, expect, test } from 'vitest';
import type { Call, Operation } from './history.ts';
import { type Disturbance, type Found, judge } from './judge.ts';

/** One after the other, each a tenth of a second; acknowledged by two primaries unless said otherwise. */
function history(...operations: readonly Partial<Operation>[]): readonly Operation[] {
  return operations.map((operation, i) => ({
    key: 'k',
    value: undefined,
    what: operation.value === undefined ? 'delete' : 'put',
    covers: [],
    began: i * 100,
    ended: i * 100 + 50,
    outcome: 'acknowledged',
    shown: [],
    primaries: 2,
    ...operation,
  }));
}

function found(values: readonly string[], ...others: readonly (readonly string[])[]): Found {
  const owners = [values, ...others].map((held, i) => ({ node: `n${i + 1}`, values: held, context: 'c' }));
  return { key: 'k', values, owners, mended: owners };
}

interface Rest {
  readonly calls?: readonly Call[];
  readonly disturbances?: readonly Disturbance[];
}

function judged(operations: readonly Operation[], end: Found, { calls = [], disturbances = [] }: Rest = {}) {
  return judge({
    history: { operations: [...operations], calls: [...calls] },
    found: [end],
    disturbances,
  });
}

function verdict(...of: Parameters<typeof judged>): readonly string[] {
  return judged(...of).findings;
}

const BEFORE = { began: 0, ended: 50 };

describe('an acknowledged write', () => {
  test.each([
    ['is not there, and nobody replaced it', history({ value: 'a' }), []],
    ['was followed by a blind one, which replaces nothing', history({ value: 'a' }, { value: 'b' }), ['b']],
    [
      'was replaced only by one that was not applied',
      history({ value: 'a' }, { value: 'b', covers: ['a'], outcome: 'not applied' }),
      [],
    ],
    [
      'was replaced only by one of unknown outcome that is not there either',
      history({ value: 'a' }, { value: 'b', covers: ['a'], outcome: 'unknown' }),
      [],
    ],
    ['began after the overwrite ended', history({ value: 'a', covers: 'all' }, { value: 'b' }), ['a']],
    [
      'overwrote another that overwrote it, both at one time, and both are gone',
      history({ value: 'a', covers: 'all', ...BEFORE }, { value: 'b', covers: 'all', ...BEFORE }),
      [],
    ],
    [
      'was replaced by one whose own replacer never was: a merge that forgets a sibling',
      history({ value: 'a' }, { value: 'b', covers: ['a'] }, { value: 'c' }),
      ['c'],
    ],
    ['of another key was deleted', history({ value: 'a' }, { key: 'other', covers: 'all' }), []],
  ])('is lost when it %s', (_, operations, values) => {
    expect(verdict(operations, found(values)).join()).toMatch(/ is lost/);
  });

  test.each([
    ['it is there', history({ value: 'a' }), ['a']],
    [
      'a write that had been shown it is there',
      history({ value: 'a' }, { value: 'b', covers: ['a'] }),
      ['b'],
    ],
    [
      'it was replaced, and its replacer, too',
      history({ value: 'a' }, { value: 'b', covers: ['a'] }, { value: 'c', covers: ['b'] }),
      ['c'],
    ],
    [
      'its replacer has an unknown outcome, and is there',
      history({ value: 'a' }, { value: 'b', covers: ['a'], outcome: 'unknown' }),
      ['b'],
    ],
    ['somebody deleted what was shown', history({ value: 'a' }, { covers: ['a'] }), []],
    [
      'a delete of it may have been applied',
      history({ value: 'a' }, { covers: 'all', outcome: 'unknown' }),
      [],
    ],
    [
      'it was under way when the overwrite was',
      history({ value: 'a', began: 0, ended: 200 }, { value: 'b', covers: 'all', began: 100, ended: 150 }),
      ['b'],
    ],
    [
      'a delete of unknown outcome may come late',
      history({ covers: 'all', outcome: 'unknown' }, { value: 'a' }),
      [],
    ],
  ])('is not when %s', (_, operations, values) => {
    expect(verdict(operations, found(values))).toEqual([]);
  });
});

describe('what was replaced or deleted', () => {
  const many = Array.from({ length: 9 }, (_, i) => ({ value: `later-${i}` }));
  const later = many.map(({ value }) => value);
  const blow = { disturbances: [{ node: 'n1', kind: 'kill' as const, at: 0, until: 10 }] };

  test.each([
    ['by one that had been shown it', history({ value: 'a' }, { value: 'b', covers: ['a'] }), ['a', 'b']],
    ['by a delete that had been shown it', history({ value: 'a' }, { covers: ['a'] }), ['a']],
    ['by a delete of whatever is there', history({ value: 'a' }, { covers: 'all' }), ['a']],
    ['by an overwrite', history({ value: 'a' }, { value: 'b', covers: 'all' }), ['a', 'b']],
    ['and had an unknown outcome', history({ value: 'a', outcome: 'unknown' }, { covers: ['a'] }), ['a']],
    ['long ago, in calm', history({ value: 'a' }, { covers: ['a'] }, ...many), ['a', ...later]],
  ])('is back: %s', (_, operations, values) => {
    expect(verdict(operations, found(values)).join()).toMatch(/ is back/);
  });

  test.each([
    [
      'the overwrite began before it was acknowledged',
      history({ value: 'a', ended: 120 }, { value: 'b', covers: 'all' }),
      ['a', 'b'],
      {},
    ],
    [
      'a stand-in acknowledged one of them, which no other need have met',
      history({ value: 'a', primaries: 1 }, { value: 'b', covers: 'all' }),
      ['a', 'b'],
      {},
    ],
    [
      'the overwrite may have been tried twice',
      history({ value: 'a' }, { value: 'b', covers: 'all' }),
      ['a', 'b'],
      blow,
    ],
    [
      'it is the twin of a retry, forgotten after eight others',
      history({ value: 'a' }, { covers: ['a'] }, ...many),
      ['a', ...later],
      blow,
    ],
    [
      'the delete was not applied',
      history({ value: 'a' }, { covers: ['a'], outcome: 'not applied' }),
      ['a'],
      {},
    ],
  ])('may be there when %s', (_, operations, values, rest) => {
    expect(verdict(operations, found(values), rest)).toEqual([]);
  });
});

describe('a value that nobody wrote', () => {
  const reading = { what: 'read' as const, value: undefined };

  test.each([
    ['in the end', history({ value: 'a' }), ['a', 'x']],
    ['to a reader', history({ value: 'a' }, { ...reading, shown: ['x'] }), ['a']],
    ['to a writer', history({ value: 'a', shown: ['x'] }), ['a']],
    ['before it was written', history({ ...reading, shown: ['a'] }, { value: 'a' }), ['a']],
    ['under another key', history({ value: 'a', key: 'other' }), ['a']],
  ])('is shown %s', (_, operations, values) => {
    expect(verdict(operations, found(values)).join()).toMatch(/nobody had written it/);
  });

  test('one that is being written may be shown', () => {
    const operations = history({ value: 'a', began: 0, ended: 300 }, { ...reading, shown: ['a'] });
    expect(verdict(operations, found(['a']))).toEqual([]);
  });
});

describe('owners', () => {
  test('that hold different values are told of', () => {
    const operations = history({ value: 'a' }, { value: 'b' });
    expect(verdict(operations, found(['a', 'b'], ['a'])).join()).toMatch(/its owners differ/);
  });

  test('so are those who agree on the values and not on what they have seen', () => {
    const end = found(['a'], ['a']);
    const [first, second] = end.owners;
    const owners = [first!, { ...second!, context: 'd' }];
    expect(verdict(history({ value: 'a' }), { ...end, owners, mended: end.owners }).join()).toMatch(
      /its owners differ/,
    );
  });

  describe('one of whom has missed a write, of which nobody holds a note', () => {
    const write = history({ value: 'a' });
    const end = { ...found(['a'], [], ['a']), mended: found(['a'], ['a'], ['a']).owners };
    const frozen = { node: 'n2', kind: 'freeze', at: 0, until: 3_000 } as const;
    const killed = { node: 'n1', kind: 'kill', at: 1_000, until: 2_000 } as const;

    test.each([
      ['nothing happened to any node', []],
      ['it was only frozen', [frozen]],
      ['it was killed itself, and lost what it had acknowledged', [{ ...killed, node: 'n2' }]],
      ['two were frozen, and went on', [frozen, { ...frozen, node: 'n1' }]],
      ['the other was killed long after', [frozen, { ...killed, at: 10_000, until: 11_000 }]],
      ['the other does not own the key', [frozen, { ...killed, node: 'n4' }]],
      ['it was well, and two others were not', [{ ...frozen, node: 'n3' }, killed]],
    ])('are told of when %s', (_, disturbances) => {
      expect(verdict(write, end, { disturbances }).join()).toMatch(/its owners differ/);
    });

    test('are not when its coordinator was killed while it waited for the frozen one, and are counted', () => {
      const disturbances = [frozen, killed];
      expect(judged(write, end, { disturbances })).toEqual({ findings: [], excused: ['k'] });
    });

    test('are not when the coordinator of its first try was killed with it, and no other owner knows of that', () => {
      const alone = { ...end, owners: found(['a'], [], []).owners };
      const disturbances = [{ ...killed, at: write[0]!.began }];
      expect(judged(write, alone, { disturbances })).toEqual({ findings: [], excused: ['k'] });
    });

    test('are told of when a second one lacks it, and was well', () => {
      const two = { ...end, owners: found(['a'], [], []).owners };
      expect(verdict(write, two, { disturbances: [frozen, killed] }).join()).toMatch(/its owners differ/);
    });

    test('are told of when not even a read of all of them mends it', () => {
      const unmended = { ...end, mended: end.owners };
      expect(verdict(write, unmended, { disturbances: [frozen, killed] }).join()).toMatch(/after a read/);
    });
  });

  test('may name the same values in any order', () => {
    expect(verdict(history({ value: 'a' }, { value: 'b' }), found(['a', 'b'], ['b', 'a']))).toEqual([]);
  });
});

test('a call that failed is told of, whatever it was', () => {
  const calls = [{ kind: 'get', key: 'k', began: 0, ended: 5000, failure: 'UNREACHABLE: nobody answers' }];
  expect(verdict([], found([]), { calls })).toEqual(['get k at 0.000 s failed: UNREACHABLE: nobody answers']);
});
