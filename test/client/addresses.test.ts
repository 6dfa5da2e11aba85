import { expect, test } from 'vitest';
import { parseAddresses } from '../../src/client/addresses.ts';

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
