/**
 * Writes that are gone though nobody deleted them, and what replaced them is gone in the same way, in a ring:
 * each overwrote the other, and nothing is left (I2; the story is at `Overwritten.hides` in
 * core/record/record).
 */
import type { WriteId } from '../../../src/base/ids.ts';
import { replacersIn } from './justified.ts';
import type { KeyHistory } from './key-history.ts';
import type { Picture } from './picture.ts';

/** One of them, if there are any. */
export function goneInRing(picture: Picture, history: KeyHistory): WriteId | undefined {
  const gone = [...history.covered(picture.vector, [])].map(({ writeId }) => writeId);
  const open = new Set(gone.filter(write => !picture.shown.has(write)));
  for (let before = -1; before !== open.size; ) {
    before = open.size;
    for (const write of open) {
      // A delete explains it, or a put that stands or is itself explained.
      const explained = replacersIn(picture, write, history).some(
        ({ writeId }) => writeId === undefined || !open.has(writeId),
      );
      if (explained) open.delete(write);
    }
  }
  return open.values().next().value;
}
