/**
 * The rows of a disk only grow while it loses nothing: what a row has seen it has seen for good, what stood
 * in it is gone only because somebody replaced it, what was gone stays so and is remembered as long as there
 * is room, and it never says that it knows of a write which it has neither got nor anybody replaced (I2, I6,
 * I9; DESIGN §4).
 */
import { printWriteId } from '../../../src/base/ids.ts';
import { NOTHING, type Overwritten, type Record } from '../../../src/core/record/record.ts';
import { compareDots, covers, type Dot, descends } from '../../../src/core/record/version-vector.ts';
import { Violation } from '../oracle.ts';
import type { Book, RowChange } from './book.ts';
import { unjustified } from './justified.ts';
import { isCut, isSame, pictureOfRecord } from './picture.ts';
import { nameOfWrite } from './words.ts';

/** Looks at every row that is committed from here on. */
export function watchGrowth(book: Book): void {
  book.onChange(change => checkGrown(change, book));
}

function checkGrown({ node, key, before = NOTHING, after }: RowChange, book: Book): void {
  if (!descends(after.vector, before.vector))
    throw new Violation('I1', `a row of ${node} has forgotten what it had seen`, { key });
  const forgotten = before.overwritten.find(write => isForgotten(write, after));
  if (forgotten !== undefined)
    throw new Violation(
      'I6',
      `a row of ${node} has forgotten that ${printWriteId(forgotten.writeId)} was overwritten`,
      {
        key,
      },
    );
  const back = after.siblings.find(({ dot }) => covers(before.vector, dot) && !stands(before, dot));
  const history = book.history(key);
  if (back !== undefined)
    throw new Violation('I9', `${nameOfWrite(back.writeId, history)} is back in a row of ${node}`, { key });
  const stood = pictureOfRecord(before);
  const missing = unjustified({ before: stood, after: pictureOfRecord(after) }, history);
  if (missing === undefined) return;
  const what = stood.shown.has(missing) ? 'has lost' : 'claims, but never had,';
  throw new Violation(
    'I2',
    `a row of ${node} ${what} ${nameOfWrite(missing, history)}, which nobody replaced`,
    {
      key,
    },
  );
}

/** The list of overwritten writes is joined, too: it lets go of the oldest only, for newer ones. */
function isForgotten(write: Overwritten, { overwritten }: Record): boolean {
  const kept = overwritten.find(known => isSame(known, write));
  return kept === undefined ? !isCut(write, overwritten) : write.hides && !kept.hides;
}

function stands({ siblings }: Record, dot: Dot): boolean {
  return siblings.some(sibling => compareDots(sibling.dot, dot) === 0);
}
