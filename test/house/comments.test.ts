/** Comments fit beside the code: as wide as the formatter lets it be, which does not touch them. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const FOLDERS = ['src', 'test', 'bench'];
const COLUMNS_MAX = 110;
const COMMENT = /^\s*(?:\/\/|\/?\*)/;

/** Each comment line that is too wide, by file and number. */
function tooWide(path: string): readonly string[] {
  const lines = readFileSync(new URL(path, ROOT), 'utf8').split('\n');
  return lines.flatMap((line, i) =>
    line.length > COLUMNS_MAX && COMMENT.test(line) ? [`${path}:${i + 1}`] : [],
  );
}

function sources(folder: string): readonly string[] {
  return readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !path.startsWith('gen/'))
    .sort()
    .map(path => `${folder}/${path}`);
}

test('no line of a comment is wider than 110 columns', () => {
  expect(FOLDERS.flatMap(sources).flatMap(tooWide)).toEqual([]);
});
