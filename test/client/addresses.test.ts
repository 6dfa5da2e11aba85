import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { parseAddresses, shuffled } from '../../src/client/addresses.ts';

test.each([
  ['one', 'localhost:7400', ['localhost:7400']],
  ['several in one string', 'a:1, b:2,c:65535', ['a:1', 'b:2', 'c:65535']],
  ['a list', ['a:1', 'b:2'], ['a:1', 'b:2']],
  ['IPv6', '[::1]:7400', ['[::1]:7400']],
  ['the same twice', 'a:1,b:2,a:1', ['a:1', 'b:2']],
  ['a comma too many', 'a:1,', ['a:1']],
])('an address is read: %s', (_, given, addresses) => {
  expect(parseAddresses(given)).toEqual(addresses);
});

test.each([
  ['nothing', ''],
  ['an empty list', []],
  ['no port', 'localhost'],
  ['an empty port', 'localhost:'],
  ['port 0, where nobody can be reached', 'localhost:0'],
  ['a port too large', 'localhost:65536'],
  ['IPv6 without brackets', '::1:7400'],
  ['a URL', 'http://localhost:7400'],
  ['a path', 'localhost:7400/x'],
])('what is no address is refused: %s', (_, given) => {
  expect(() => parseAddresses(given)).toThrow(TypeError);
});

test('every order of the nodes comes up equally often', () => {
  const random = new SeededRandom(1);
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i += 1) {
    const order = shuffled(['a', 'b', 'c'], () => random.fraction()).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(100);
});
