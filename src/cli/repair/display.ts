/**
 * Shows how far a repair is: on a terminal one line that is drawn again and again, else a line now and then,
 * and at once who is down. Lines go to stderr, so that stdout has the result and nothing else.
 */
import type { Io } from '../io.ts';
import { News } from '../news.ts';
import type { RepairCourse } from './course.ts';
import { barLine, plainLine, waitingSentence } from './sentences.ts';

export interface Display {
  show(course: RepairCourse): void;
  /** Nothing of it is left on a terminal. */
  clear(): void;
}

const LINE_EVERY_MS = 5_000;
/** Back to the beginning of the line; away with what is behind. */
const START = '\r';
const CLEAR = '\r\u001b[K';

export function displayOn(io: Io): Display {
  return io.terminal ? drawnOn(io) : toldBy(io);
}

function drawnOn(io: Io): Display {
  return {
    // A line that is too wide would be broken into two, and only the second drawn over.
    show: course => io.out(`${CLEAR}${barLine(course).slice(0, io.columns - 1)}${START}`),
    clear: () => io.out(CLEAR),
  };
}

function toldBy(io: Io): Display {
  const downs = new News(Number.POSITIVE_INFINITY);
  let toldAt = 0;
  return {
    show(course) {
      const down = course.awaited.filter(({ up }) => !up);
      const isNew = downs.worthSaying(down.map(({ node }) => node).join(), course.tookMs);
      if (isNew && down.length > 0) io.err(waitingSentence(down));
      if (course.done || course.tookMs < toldAt + LINE_EVERY_MS) return;
      toldAt = course.tookMs;
      io.err(plainLine(course));
    },
    clear: () => {},
  };
}
