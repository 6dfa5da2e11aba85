/**
 * The rows of a disk only grow while it loses nothing: what a row has seen it has seen for good, what stood in it is gone only because somebody
 * replaced it, and it never says that it knows of a write which it has neither got nor anybody replaced (I2; DESIGN §4, *Dots*).
 */
import { NOTHING } from '../../../src/core/record/record.ts';
import { descends } from '../../../src/core/record/version-vector.ts';
import { Violation } from '../oracle.ts';
import type { Book, RowChange } from './book.ts';
import { isJustified, unjustified } from './justified.ts';
import { pictureOfRecord } from './picture.ts';
import { nameOfWrite } from './words.ts';

/** Looks at every row that is committed from here on. */
export function watchGrowth(book: Book): void {
  book.onChange(change => checkGrown(change, book));
}

function checkGrown({ node, key, before = NOTHING, after }: RowChange, book: Book): void {
  if (!descends(after.vector, before.vector))
    throw new Violation('I1', `a row of ${node} has forgotten what it had seen`, { key });
  const history = book.history(key);
  const picture = pictureOfRecord(after);
  const stood = before.siblings.map(({ writeId }) => writeId);
  const gone = stood.find(write => !picture.shown.has(write) && !isJustified(picture, write, history));
  const missing = gone ?? unjustified(picture, history.covered(after.vector, before.vector), history);
  if (missing === undefined) return;
  const what = gone === undefined ? 'claims, but never had,' : 'has lost';
  throw new Violation(
    'I2',
    `a row of ${node} ${what} ${nameOfWrite(missing, history)}, which nobody replaced`,
    {
      key,
    },
  );
}
