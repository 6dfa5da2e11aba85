/**
 * Shows how far a repair is: on a terminal a line or two that are drawn again and again, else a line now and
 * then, and at once who has to be brought back. Lines go to stderr, so that stdout has the result and nothing
 * else.
 */
import type { Io } from '../io.ts';
import { News } from '../news.ts';
import type { RepairCourse } from './course.ts';
import { barLines, plainLine } from './lines.ts';
import { CTRL_C, waitingSentences } from './sentences.ts';

export interface Display {
  show(course: RepairCourse): void;
  /** Nothing of it is left on a terminal. */
  clear(): void;
}

const LINE_EVERY_MS = 5_000;
/** Whoever waits for longer is told how to end that. */
const HINT_AFTER_MS = 2_000;
/** Back to the beginning of the line; away with what is behind and below; a line up. */
const START = '\r';
const CLEAR = '\r\u001b[J';
const UP = '\u001b[A';

export function displayOn(io: Io): Display {
  return io.terminal ? drawnOn(io) : toldBy(io);
}

function drawnOn(io: Io): Display {
  let isHinted = false;
  return {
    show(course) {
      if (!isHinted && !course.done && course.tookMs >= HINT_AFTER_MS) {
        isHinted = true;
        io.out(CLEAR);
        io.err(CTRL_C);
      }
      // A line that is too wide would be broken into two, and only the second drawn over.
      const lines = barLines(course, io.columns - 1);
      io.out(`${CLEAR}${lines.join('\n')}${UP.repeat(lines.length - 1)}${START}`);
    },
    clear: () => io.out(CLEAR),
  };
}

function toldBy(io: Io): Display {
  const waiting = new News(Number.POSITIVE_INFINITY);
  let toldAt = 0;
  return {
    show(course) {
      const sentences = waitingSentences(course.holdUps);
      const isNew = waiting.worthSaying(sentences.join('\n'), course.tookMs);
      if (isNew) for (const sentence of sentences) io.err(sentence);
      if (course.done || course.tookMs < toldAt + LINE_EVERY_MS) return;
      toldAt = course.tookMs;
      io.err(plainLine(course));
    },
    clear: () => {},
  };
}
