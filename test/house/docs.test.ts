/**
 * What documents name must exist: every path, make target, and `shoal` command with its flags, in any *.md
 * (STYLE, *Tests*).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { codeIn, type Document, linksIn, readDocuments } from './support/markdown.ts';

const ROOT = new URL('../../', import.meta.url);
/** A span that begins with one of these is a path. */
const TOP = readdirSync(ROOT).filter(name => !['.git', 'node_modules'].includes(name));
const TARGETS = /^\.PHONY:(.*)$/m
  .exec(readFileSync(new URL('Makefile', ROOT), 'utf8'))![1]!
  .trim()
  .split(' ');
const MADE_LATER = ['dist', 'src/gen', 'node_modules'];

/** Paths in code and links that lead nowhere. */
function missingPaths(document: Document): readonly string[] {
  const named = codeIn(document).flatMap(({ line, text }) =>
    text
      .split(/[\s'"(),;]+/)
      .filter(isPath)
      .map(path => ({ line, text: path })),
  );
  return [...named, ...linksIn(document)]
    .filter(({ text }) => !exists(text))
    .map(({ line, text }) => `${document.path}:${line}: there is no ${text}`);
}

function isPath(word: string): boolean {
  const [top = '', ...rest] = word.replace(/^\.\//, '').split('/');
  if (/[*<>$…]/.test(word)) return false;
  return (TOP.includes(top) && rest.length > 0) || /^[A-Z]+\.md$/.test(word);
}

function exists(path: string): boolean {
  const clean = path.replace(/^\.\//, '').replace(/:\d+$/, '');
  return MADE_LATER.some(made => clean.startsWith(made)) || existsSync(new URL(clean, ROOT));
}

/** `make x` where the Makefile has no x. */
function missingTargets(document: Document): readonly string[] {
  return codeIn(document).flatMap(({ line, text }) =>
    [...text.matchAll(/(?:^|[;&|$] ?)make ([a-z][\w-]*)/g)]
      .filter(match => !TARGETS.includes(match[1]!))
      .map(match => `${document.path}:${line}: there is no make target ${match[1]}`),
  );
}

/** Commands and flags of `shoal` that it does not know. */
function missingCommands(document: Document): readonly string[] {
  return codeIn(document).flatMap(({ line, text }) =>
    [...text.matchAll(/(?:^|[;&|$] ?|npx )(?:shoal|node dist\/cli\/main\.js) +([a-z][^;&|#]*)/g)]
      .flatMap(match => unknownIn(match[1]!))
      .map(unknown => `${document.path}:${line}: shoal knows no ${unknown}`),
  );
}

function unknownIn(invocation: string): readonly string[] {
  const [name = '', ...words] = invocation.trim().split(/[\s[\]]+/);
  const command: Command | undefined = createProgram().commands.find(each => each.name() === name);
  if (command === undefined) return [name];
  const flags = command.options.flatMap(({ long, short }) => [long, short]);
  return words
    .map(word => word.replace(/=.*/, ''))
    .filter(word => /^--?[a-z]/.test(word) && word !== '--help' && !flags.includes(word))
    .map(flag => `${name} ${flag}`);
}

const CHECKS = { missingPaths, missingTargets, missingCommands };

describe('documents', () => {
  test.each(Object.entries(CHECKS))('%s: none', (_, check) => {
    expect(readDocuments().flatMap(check)).toEqual([]);
  });
});

describe('what the docs test would find', () => {
  test.each([
    ['a path', 'see `src/core/gone.ts`', 'A.md:1: there is no src/core/gone.ts'],
    ['a link', '\n[here](src/gone.ts#why)', 'A.md:2: there is no src/gone.ts'],
    ['a document', 'see `GONE.md`', 'A.md:1: there is no GONE.md'],
    ['a target', '```sh\nmake install\n```', 'A.md:2: there is no make target install'],
    ['a command', '`shoal explode`', 'A.md:1: shoal knows no explode'],
    ['a flag', '```\n$ shoal node --name n1 \\\n  --gone 3\n```', 'A.md:2: shoal knows no node --gone'],
  ])('%s', (_, text, finding) => {
    const document = { path: 'A.md', text };
    expect(Object.values(CHECKS).flatMap(check => check(document))).toEqual([finding]);
  });

  test('but nothing in what is there', () => {
    const text =
      '`src/core/ring/ring.ts`, `src/core/`, [read](LICENSE), `make test`, `shoal node --name n1 [--zone a]`';
    expect(Object.values(CHECKS).flatMap(check => check({ path: 'A.md', text }))).toEqual([]);
  });
});
