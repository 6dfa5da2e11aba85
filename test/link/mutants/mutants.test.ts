import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { edited } from '../../sim/mutants/mutate.ts';
import { ASKING_CASES } from '../asking.cases.ts';
import { END_CASES } from '../ends.cases.ts';
import { HOSTILE_CASES } from '../hostile.cases.ts';
import { PART_CASES } from '../parts.cases.ts';
import { SOUND, type Subject } from '../subject.ts';
import { MUTANTS } from './all.ts';

const CASES = [...PART_CASES, ...ASKING_CASES, ...END_CASES, ...HOSTILE_CASES];
const LINK = fileURLToPath(new URL('../../../src/link/', import.meta.url));
const TRUNKS = ['answering-link.ts', 'asking-link.ts', 'lasting-link.ts', 'outbox.ts'];

/** The classes of src/link with a mutant put in. */
async function load(mutant: number): Promise<Subject> {
  const files = new Set([...TRUNKS, MUTANTS[mutant]!.file]);
  const urls = [...files].map(file => `${LINK}${file}?mutant=${mutant}`);
  const modules = await Promise.all(urls.map(url => import(/* @vite-ignore */ url)));
  return Object.assign({}, SOUND, ...modules);
}

describe('the cases of the link object', () => {
  test.each(MUTANTS.map((mutant, i) => ({ ...mutant, i })))('when $name', async ({ i, caughtBy }) => {
    const [named, ...more] = CASES.filter(({ name }) => name.startsWith(caughtBy));
    expect([named === undefined, more.map(({ name }) => name)]).toEqual([false, []]);
    const subject = await load(i);
    let objection: unknown;
    try {
      await named!.run(subject);
    } catch (error) {
      objection = error;
    }
    expect(objection, 'an objection').toBeDefined();
  });
});

test('each mutant fits the sources in one place, and no two tell one story', () => {
  for (const mutant of MUTANTS) {
    const source = readFileSync(LINK + mutant.file, 'utf8');
    expect(edited(source, mutant)).not.toBe(source);
  }
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});
