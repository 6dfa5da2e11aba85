/**
 * What a node counts is told to its operators, and what they are told is counted: the table *What a node
 * counts* in ARCHITECTURE.md against the names in the sources (STYLE, *Tests*: docs are tested).
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readSources, type Source, source } from './support/sources.ts';

const HEADING = '## What a node counts';
const ARCHITECTURE = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');

/**
 * A whole string of dotted words is the name of a counter or gauge; but for files, no other string in the
 * sources looks so. What a template inserts is one word.
 */
const WORD = /[a-z]+(?:-[a-z]+)*/.source;
const NAME = new RegExp(`(['\`])(${WORD}(?:\\.(?:${WORD}|\\$\\{[^}]*\\}))+(?:-[a-z]+)*)\\1`, 'g');
const FILES = /\.json$/;

interface Counted {
  readonly path: string;
  readonly name: string;
}

function countedIn({ path, code }: Source): readonly Counted[] {
  return [...code.matchAll(NAME)]
    .map(match => ({ path, name: match[2]! }))
    .filter(({ name }) => !FILES.test(name));
}

/** The first column of the table. */
function toldIn(text: string): readonly string[] {
  const section = text.slice(text.indexOf(HEADING)).split('\n## ')[0]!;
  const cells = [...section.matchAll(/^\| (`[^|]*) \|/gm)].map(row => row[1]!);
  return cells.flatMap(cell => [...cell.matchAll(/`([^`]+)`/g)].map(span => span[1]!));
}

function isNamed(name: string, told: string): boolean {
  const words = name.split(/\$\{[^}]*\}/).map(part => part.replaceAll('.', '\\.'));
  return new RegExp(`^${words.join(WORD)}$`).test(told);
}

function differences(counted: readonly Counted[], told: readonly string[]): readonly string[] {
  const untold = counted.filter(({ name }) => !told.some(each => isNamed(name, each)));
  const uncounted = told.filter(each => !counted.some(({ name }) => isNamed(name, each)));
  return [
    ...untold.map(({ path, name }) => `ARCHITECTURE.md does not say what ${name} is (src/${path})`),
    ...uncounted.map(name => `nothing counts ${name}`),
  ];
}

test('every counter is told of, and every one told of exists', () => {
  expect(differences(readSources().flatMap(countedIn), toldIn(ARCHITECTURE))).toEqual([]);
});

test('what this test would find', () => {
  const code = source(
    'a.ts',
    `m.count('read.new'); m.gauge(\`door.\${name}.begun-max\`, 0); open('cluster.json'); // 'no.one'`,
  );
  const text = `${HEADING}\n\n| name | |\n|---|---|\n| \`door.peers.begun-max\`, \`read.old\` | so many |\n\n## On\n| \`a.b\` | |`;
  expect(differences(countedIn(code), toldIn(text))).toEqual([
    'ARCHITECTURE.md does not say what read.new is (src/a.ts)',
    'nothing counts read.old',
  ]);
});
