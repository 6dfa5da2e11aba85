import { describe, expect, test } from 'vitest';
import { checkNames, checkQuorum, checkValueSize, VALUE_BYTES_MAX } from '../../src/core/limits.ts';

const bucket = 'carts';
const key = 'ann';

describe('a name is taken', () => {
  test.each([
    ['of one byte', { bucket: 'b', key: 'k' }],
    ['of as many bytes as there may be', { bucket: 'b'.repeat(255), key: 'k'.repeat(1024) }],
    [
      'of as many bytes as there may be, in characters of several bytes',
      { bucket: `${'é'.repeat(127)}b`, key: `${'€'.repeat(341)}k` },
    ],
    ['with slashes, dots, spaces and control characters', { bucket: '../..', key: ' a/b\u0001\n' }],
    ['with a character outside the basic plane', { bucket: '🐟', key: '🐟'.repeat(256) }],
  ])('%s', (_, names) => {
    expect(() => checkNames(names)).not.toThrow();
  });
});

describe('BAD_KEY', () => {
  test.each([
    ['an empty bucket', { bucket: '', key }, 'bucket is empty'],
    ['an empty key', { bucket, key: '' }, 'key is empty'],
    ['a bucket of 256 bytes', { bucket: 'b'.repeat(256), key }, 'bucket has 256 bytes, at most 255'],
    ['a bucket of 128 characters that are 256 bytes', { bucket: 'é'.repeat(128), key }, '256 bytes'],
    ['a key of 1025 bytes', { bucket, key: 'k'.repeat(1025) }, 'key has 1025 bytes, at most 1024'],
    ['a key of 342 characters that are 1026 bytes', { bucket, key: '€'.repeat(342) }, '1026 bytes'],
    [
      'U+FFFD, which decoders put where a byte was not UTF-8',
      { bucket: 'caf\uFFFD', key },
      'not valid UTF-8',
    ],
    ['U+FFFD in the key', { bucket, key: '\uFFFD' }, 'not valid UTF-8'],
    ['a NUL', { bucket, key: 'a\0b' }, 'NUL'],
    ['half a surrogate pair', { bucket, key: 'a\ud83d' }, 'not valid Unicode'],
    ['a surrogate pair the wrong way round', { bucket: '\udc1f\ud83d', key }, 'not valid Unicode'],
  ])('%s', (_, names, detail) => {
    expect(() => checkNames(names)).toThrow(
      expect.objectContaining({ reason: 'BAD_KEY', outcome: 'not applied' }),
    );
    expect(() => checkNames(names)).toThrow(detail);
  });
});

test('a value of 1 MiB is taken, one byte more is BAD_VALUE', () => {
  expect(() => checkValueSize(0)).not.toThrow();
  expect(() => checkValueSize(VALUE_BYTES_MAX)).not.toThrow();
  expect(() => checkValueSize(VALUE_BYTES_MAX + 1)).toThrow(expect.objectContaining({ reason: 'BAD_VALUE' }));
});

describe('the replies a request needs', () => {
  test.each([
    { asked: 0, needed: 2 },
    { asked: 1, needed: 1 },
    { asked: 3, needed: 3 },
  ])('$asked of 3 asked for: $needed', ({ asked, needed }) => {
    expect(checkQuorum(asked, { fallback: 2, n: 3, what: 'replies' })).toBe(needed);
  });

  test('are no more than there are replicas when the default is', () => {
    expect(checkQuorum(0, { fallback: 2, n: 1, what: 'acknowledgements' })).toBe(1);
  });

  test.each([4, 2 ** 32 - 1, -1, 1.5, Number.NaN])('%d is BAD_QUORUM', asked => {
    expect(() => checkQuorum(asked, { fallback: 2, n: 3, what: 'replies' })).toThrow(
      expect.objectContaining({ reason: 'BAD_QUORUM' }),
    );
  });
});
