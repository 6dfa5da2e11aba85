import { Command, CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { addNodeFlags, type NodeFlags } from '../../src/cli/node-flags.ts';

const NEEDED = ['--name', 'n1', '--data', 'd'];

/** The flags as parsed, or the line that refuses them. */
function parse(...args: readonly string[]): NodeFlags | string {
  const command = addNodeFlags(new Command('node'))
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  try {
    return command.parse(['node', 'shoal', ...args]).opts<NodeFlags>();
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
}

test('name and data are enough: a node on loopback that fsyncs', () => {
  expect(parse(...NEEDED)).toEqual({
    name: 'n1',
    data: 'd',
    listen: '127.0.0.1:7400',
    peerListen: '127.0.0.1:7401',
    join: [],
    zone: '',
    weight: 1,
    durability: 'fsync',
  });
});

test('what is not to bring owners together is named with commas, for tests', () => {
  const without = new Set(['hints', 'read-repair']);
  expect(parse(...NEEDED, '--without', 'hints,read-repair')).toMatchObject({ without });
  expect(parse(...NEEDED, '--without', 'hints,luck')).toMatch(/expected some of read-repair, hints/);
});

test('peers to join are named with commas, each once', () => {
  expect(parse(...NEEDED, '--join', '10.0.0.1:7401, [::1]:7401,10.0.0.1:7401')).toMatchObject({
    join: ['10.0.0.1:7401', '[::1]:7401'],
  });
});

test.each([
  ['no data directory', ['--name', 'n1'], '--data'],
  ['a name with a slash', ['--name', 'a/b', '--data', 'd'], 'letters, digits'],
  ['an address without a port', [...NEEDED, '--listen', 'localhost'], 'HOST:PORT'],
  ['a port that is none', [...NEEDED, '--peer-listen', 'localhost:99999'], 'HOST:PORT'],
  ['an address that names no machine', [...NEEDED, '--peer-listen', '0.0.0.0:7401'], 'others are told'],
  ['one bad peer among good ones', [...NEEDED, '--join', '10.0.0.1:7401,oops'], 'HOST:PORT'],
  ['no node to expect', [...NEEDED, '--expect', '0'], 'from 1 to 256'],
  ['half a node to expect', [...NEEDED, '--expect', '2.5'], 'from 1 to 256'],
  ['a weight beyond all measure', [...NEEDED, '--weight', '1001'], 'from 1 to 1000'],
  ['a durability nobody offers', [...NEEDED, '--durability', 'maybe'], 'fsync, os'],
  ['a flag nobody knows', [...NEEDED, '--leader'], '--leader'],
])('refused with a word of help: %s', (_, args, help) => {
  expect(parse(...args)).toEqual(expect.stringContaining(help));
});
