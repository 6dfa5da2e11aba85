import { test } from 'vitest';
import { PART_CASES } from './parts.cases.ts';
import { SOUND } from './subject.ts';

test.each(PART_CASES)('$name', ({ run }) => run(SOUND));
