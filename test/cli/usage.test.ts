/**
 * What is typed wrongly: exit 2, one line on stderr that helps, nothing on stdout. And what help there is.
 */
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { shoal } from './support/shoal.ts';

describe('a usage error', () => {
  test.each([
    ['an unknown command', ['gett'], "unknown command 'gett' (Did you mean get?)"],
    ['an unknown flag', ['get', 'a', 'b', '--strct'], "unknown option '--strct' (Did you mean --strict?)"],
    ['a missing argument', ['get', 'a'], "missing required argument 'key'"],
    ['a missing value', ['put', 'a', 'b'], "missing required argument 'value'"],
    [
      'a value like a flag',
      ['put', 'a', 'b', '-v'],
      "option '-v'; a value that begins with - goes behind --",
    ],
    ['an argument too many', ['get', 'a', 'b', 'c'], 'too many arguments'],
    ['no number', ['get', 'a', 'b', '--r', 'two'], 'expected a whole number from 0 to 4294967295'],
    ['a negative number', ['get', 'a', 'b', '--r=-1'], 'expected a whole number from 0 to 4294967295'],
    ['a number too large', ['get', 'a', 'b', '--r', '4294967296'], 'expected a whole number'],
    ['no address', ['get', 'a', 'b', '--addr', 'nowhere'], "'nowhere' is no host:port"],
    ['a context cut short', ['put', 'a', 'b', 'c', '--context', 'AQ='.slice(0, 1)], 'expected base64'],
    ['a context mistyped', ['put', 'a', 'b', 'c', '--context', 'AQ*='], 'expected base64'],
    ['context and blind', ['put', 'a', 'b', 'c', '--context', 'AQ==', '--blind'], 'cannot be used with'],
    ['an unknown form', ['get', 'a', 'b', '-o', 'xml'], 'Allowed choices are text, json; see --help'],
    ['no time at all', ['status', '--deadline', '0'], 'expected a whole number from 1'],
  ])('%s', async (_, args, help) => {
    const { code, out, err } = await shoal(args);
    expect([code, out, err.length]).toEqual([2, '', 1]);
    expect(err[0]).toMatch(/^shoal: .*; see --help$/);
    expect(err[0]).toContain(help);
  });

  test('no command: the help, and exit 2', async () => {
    const { code, out, err } = await shoal([]);
    expect([code, out]).toEqual([2, '']);
    expect(err.join('\n')).toContain('shoal put fruits apple red');
  });
});

describe('help', () => {
  test.each(createProgram().commands.map(command => command.name()))('of %s', async name => {
    const { code, out, err } = await shoal([name, '--help']);
    expect([code, err]).toEqual([0, []]);
    expect(out).toContain(`Usage: shoal ${name}`);
    expect(out).toContain('Examples:');
  });

  test('--version is that of the package', async () => {
    expect((await shoal(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
