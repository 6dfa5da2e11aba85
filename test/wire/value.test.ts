import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VALUE_BYTES_MAX } from '../../src/core/limits.ts';
import { readValue, storedValue, valueMessage } from '../../src/wire/value.ts';

test('bytes come back as bytes and a text as a text', () => {
  fc.assert(
    fc.property(fc.uint8Array(), bytes => {
      const back = valueMessage(readValue({ bytes }));
      expect(back).toEqual({ bytes: Buffer.from(bytes) });
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), text => {
      expect(valueMessage(readValue({ text }))).toEqual({ text });
    }),
  );
});

test('an empty value is a value, of either kind', () => {
  expect([...readValue({ bytes: Buffer.alloc(0) })]).toEqual([0]);
  expect([...readValue({ text: '' })]).toEqual([1]);
});

test.each([
  ['no message', null],
  ['a message without a kind', {}],
])('%s is no value', (_, message) => {
  expect(() => readValue(message)).toThrow(expect.objectContaining({ reason: 'BAD_VALUE' }));
});

test('a value of the largest size is taken, one byte more is not, in either kind', () => {
  const largest = Buffer.alloc(VALUE_BYTES_MAX, 'x');
  expect(readValue({ bytes: largest })).toHaveLength(VALUE_BYTES_MAX + 1);
  expect(readValue({ text: largest.toString() })).toHaveLength(VALUE_BYTES_MAX + 1);
  const larger = Buffer.alloc(VALUE_BYTES_MAX + 1, 'x');
  const refused = expect.objectContaining({ reason: 'BAD_VALUE', outcome: 'not applied' });
  expect(() => readValue({ bytes: larger })).toThrow(refused);
  expect(() => readValue({ text: larger.toString() })).toThrow(refused);
});

test('a text is measured in bytes, not in characters', () => {
  const text = 'ß'.repeat(VALUE_BYTES_MAX / 2);
  expect(readValue({ text })).toHaveLength(VALUE_BYTES_MAX + 1);
  expect(() => readValue({ text: `${text}x` })).toThrow(expect.objectContaining({ reason: 'BAD_VALUE' }));
});

test('a text that is no Unicode is refused rather than changed', () => {
  expect(() => readValue({ text: 'a\ud800' })).toThrow(expect.objectContaining({ reason: 'BAD_VALUE' }));
});

test('a kind of a later version is shown as a value without a kind, and goes through a hand-on as none', () => {
  expect(valueMessage(Uint8Array.of(9, 1, 2))).toEqual({});
  expect(storedValue(valueMessage(Uint8Array.of(9, 1, 2)))).toHaveLength(0);
  expect(valueMessage(new Uint8Array(0))).toEqual({});
});
