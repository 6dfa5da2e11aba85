import { describe, test } from 'vitest';
import { ASKING_CASES } from './asking.cases.ts';
import { END_CASES } from './ends.cases.ts';
import { HOSTILE_CASES, SLOW_CASES } from './hostile.cases.ts';
import { SOUND } from './subject.ts';

describe('a link', () => {
  test.each([...ASKING_CASES, ...END_CASES, ...HOSTILE_CASES, ...SLOW_CASES])('$name', ({ run }) =>
    run(SOUND),
  );
});
