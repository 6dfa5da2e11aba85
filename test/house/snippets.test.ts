/**
 * The TypeScript of the README is a program that compiles: under the strictest flags, against the SDK as it
 * is.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fencesIn, readDocuments } from './support/markdown.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** As a user has it, but that `shoal` is the sources: to check needs no build. */
const CONFIG = {
  extends: at('tsconfig.json'),
  compilerOptions: {
    noEmit: true,
    rootDir: '/',
    noUnusedLocals: false,
    typeRoots: [at('node_modules/@types')],
    paths: { shoal: [at('src/client/index.ts')] },
  },
  include: ['program.mts'],
};

/** What the compiler says of a program. */
function complaints(program: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-docs-'));
  try {
    writeFileSync(join(folder, 'program.mts'), program);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(CONFIG));
    return spawnSync(at('node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('the blocks of the README, one after the other, compile', () => {
  const blocks = fencesIn(readDocuments().find(({ path }) => path === 'README.md')!, 'ts');
  expect(blocks.length).toBeGreaterThan(0);
  expect(complaints(blocks.join('\n'))).toBe('');
});

test('a program that calls what is not there does not', () => {
  const program = `import { connect } from 'shoal';\nawait connect('127.0.0.1:7400').bucket('b').gone('k');`;
  expect(complaints(program)).toContain(`'gone'`);
});
