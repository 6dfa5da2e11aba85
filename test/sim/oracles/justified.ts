/**
 * Whether a client can have wanted it so: a write that is known of and not shown must have been replaced by somebody (I2), and one that
 * somebody replaced must not stand (I9). Every doubt speaks for the cluster: an outcome that is unknown may come in at any later time.
 */
import type { WriteId } from '../../../src/base/ids.ts';
import { newestFirst, OVERWRITTEN_MAX, type Overwritten } from '../../../src/core/record/record.ts';
import { covers } from '../../../src/core/record/version-vector.ts';
import type { Operation } from '../history.ts';
import type { KeyHistory, Minting } from './key-history.ts';
import type { Picture } from './picture.ts';

/** The operations that can have taken this write out of this picture. */
export function replacersIn(picture: Picture, write: WriteId, history: KeyHistory): readonly Operation[] {
  const brought = history.put(write);
  const over = history.overwrites.filter(overwrite => brought === undefined || isLater(overwrite, brought));
  return [...history.replacers(write), ...over].filter(operation => {
    return operation.writeId !== write && mayBeIn(operation, picture, history);
  });
}

export function isJustified(picture: Picture, write: WriteId, history: KeyHistory): boolean {
  const seen = history.replacers(write);
  if (seen.some(operation => operation.writeId !== write && mayBeIn(operation, picture, history)))
    return true;
  return replacersIn(picture, write, history).length > 0;
}

/** A write that is covered, not shown, and that nobody can have replaced. */
export function unjustified(
  picture: Picture,
  mintings: Iterable<Minting>,
  history: KeyHistory,
): WriteId | undefined {
  for (const { writeId } of mintings) {
    if (!picture.shown.has(writeId) && !isJustified(picture, writeId, history)) return writeId;
  }
  return undefined;
}

/** A write that stands in the later picture though the earlier one, which it is past, had it gone. */
export function backAgain(
  { earlier, later }: { earlier: Picture; later: Picture },
  history: KeyHistory,
): WriteId | undefined {
  for (const write of later.shown) {
    if (earlier.shown.has(write)) continue;
    const mintings = history.mintings(write);
    if (mintings.length > 0 && mintings.every(({ dot }) => covers(earlier.vector, dot))) return write;
    const gone = earlier.gone.find(({ writeId, hides }) => hides && writeId === write);
    if (gone !== undefined && !mayBeForgotten(gone, [earlier, later], history)) return write;
  }
  return undefined;
}

/** An overwrite that was answered at its only try can have taken nothing out that came after: the network does not double it (repeatable.ts). */
function isLater(overwrite: Operation, write: Operation): boolean {
  const { ended, endedAt, tries } = overwrite;
  if (ended === 'not applied' && tries.length <= 1) return false;
  return ended !== 'ok' || tries.length > 1 || endedAt! >= write.beganAt;
}

/**
 * A put leaves its dot in the record it changes. One that was tried again, or had to be placed twice, may have had dots that no commit showed, because
 * something newer went into the same batch; and so may one of which no dot is known at all.
 */
function mayBeIn(operation: Operation, { vector, shown, gone }: Picture, history: KeyHistory): boolean {
  const { writeId, tries, how } = operation;
  if (writeId === undefined || tries.length > 1 || how === 'overwrite' || shown.has(writeId)) return true;
  const mintings = history.mintings(writeId);
  if (mintings.length === 0 || mintings.some(({ dot }) => covers(vector, dot))) return true;
  return gone.some(write => write.writeId === writeId);
}

/** The exception of I9: the list of overwritten writes keeps the newest, so that a twin may stand again. */
function mayBeForgotten(gone: Overwritten, pictures: readonly Picture[], history: KeyHistory): boolean {
  const all = [...history.allMintings, ...pictures.flatMap(picture => picture.gone)];
  const newer = all.filter(write => newestFirst(write, gone) < 0);
  return new Set(newer.map(({ writeId, writtenAt }) => `${writtenAt} ${writeId}`)).size >= OVERWRITTEN_MAX;
}
