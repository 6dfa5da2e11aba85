/** What people read, as it looks. */
import { describe, expect, test } from 'vitest';
import { CommandFailed, endingOf } from '../../src/cli/exit.ts';
import { deleteSeenSentence, deleteSentence, putSentence, siblingLines } from '../../src/cli/sentences.ts';
import { table } from '../../src/cli/table.ts';
import { ShoalError, type ShownValues } from '../../src/client/index.ts';

describe('what a write says', () => {
  const written: ShownValues = {
    bucket: 'carts',
    key: 'ann',
    siblings: [],
    context: new Uint8Array(),
    replicas: { required: 2, answered: 2, fallback: 0, unrepaired: 0 },
  };
  const sibling = { value: 'x', writtenAt: new Date(0) };
  const beside = { ...written, siblings: [sibling, sibling] };
  const byFallback = { ...written, replicas: { ...written.replicas, fallback: 1 } };

  const byFallbacks = { ...written, replicas: { ...written.replicas, fallback: 2 } };

  test.each([
    [written, 0, 'stored'],
    [written, undefined, 'stored'],
    [written, 1, 'replaced 1 version'],
    [written, 2, 'replaced 2 versions'],
    [beside, 1, 'replaced 1 version, 2 concurrent versions beside it'],
    [byFallback, 0, 'stored (1 of 2 acknowledgements by a fallback)'],
    [byFallbacks, 0, 'stored (2 of 2 acknowledgements by fallbacks)'],
  ])('put %#', (reply, replaced, sentence) => {
    expect(putSentence(reply, replaced)).toBe(sentence);
  });

  test.each([
    [written, 0, 'nothing was there'],
    [written, undefined, 'deleted'],
    [written, 2, 'deleted 2 versions'],
  ])('delete %#', (reply, there, sentence) => {
    expect(deleteSentence(reply, there)).toBe(sentence);
  });

  test.each([
    [written, 'deleted'],
    [beside, 'what the context has seen is gone; 2 versions that it has not seen remain'],
  ])('delete with a context %#', (reply, sentence) => {
    expect(deleteSeenSentence(reply)).toBe(sentence);
  });
});

test('versions are listed in order of time', () => {
  const siblings = [2000, 1000].map(time => ({ value: String(time), writtenAt: new Date(time) }));
  const replicas = { required: 2, answered: 2, fallback: 0, unrepaired: 0 };
  const lines = siblingLines({ bucket: 'b', key: 'k', context: Uint8Array.of(1), siblings, replicas });
  expect(lines.slice(1, 3).map(line => line.slice(5, 25))).toEqual([
    '1970-01-01T00:00:01.',
    '1970-01-01T00:00:02.',
  ]);
});

test('names with spaces and quotes are pasted as they are meant', () => {
  const at = { bucket: 'my carts', key: "ann's; rm -rf x", context: Uint8Array.of(1) };
  const replicas = { required: 2, answered: 2, fallback: 0, unrepaired: 0 };
  expect(siblingLines({ ...at, siblings: [], replicas }).at(-1)).toContain(
    `shoal put 'my carts' 'ann'\\''s; rm -rf x' VALUE --context AQ==`,
  );
  expect(siblingLines({ ...at, siblings: [], replicas }, 'h1:1,h2:2').at(-1)).toMatch(
    / --context AQ== --addr h1:1,h2:2$/,
  );
});

describe('how a command ends', () => {
  test.each([
    ['as it says', new CommandFailed(3, 'not there'), 3, 'not there'],
    [
      'refused, with advice',
      new ShoalError('QUORUM_UNREACHABLE', '2 needed, 1 reachable'),
      1,
      'shoal: QUORUM_UNREACHABLE: 2 needed, 1 reachable (not applied); see who is down: shoal status',
    ],
    [
      'refused, in several lines',
      new ShoalError('BAD_KEY', 'a\n  b'),
      1,
      'shoal: BAD_KEY: a b (not applied)',
    ],
    ['by the system', Object.assign(new Error('EACCES: no'), { code: 'EACCES' }), 1, 'shoal: EACCES: no'],
  ])('%s', (_, error, exitCode, line) => {
    expect(endingOf(error)).toEqual({ exitCode, line });
  });

  test.each([
    [new ShoalError('EXPIRED', 'late'), /see who is down: shoal status --addr h1:1,h2:2$/],
    [new ShoalError('NOT_READY', 'not yet'), /see who is awaited: shoal status --addr h1:1,h2:2$/],
    [new ShoalError('DRAINING', 'it ends'), /ask another node with --addr$/],
  ])('with advice that names the nodes that were named: %s', (error, line) => {
    expect(endingOf(error, 'h1:1,h2:2').line).toMatch(line);
  });

  test('by a defect: with the stack', () => {
    expect(endingOf(new Error('oops')).line).toContain('pages.test.ts');
  });
});

test('a table is as wide as its cells', () => {
  expect(table([['a', 'bb'], ['ccc', ''], ['d']])).toEqual(['a    bb', 'ccc', 'd']);
});
