/**
 * Whether a client can have wanted it so: a write that is known of and not shown must have been replaced by
 * somebody (I2), and one that somebody replaced must not stand (I9). Every doubt speaks for the cluster: an
 * outcome that is unknown may come in at any later time.
 */
import type { WriteId } from '../../../src/base/ids.ts';
import { newestFirst, OVERWRITTEN_MAX, type Overwritten } from '../../../src/core/record/record.ts';
import { covers } from '../../../src/core/record/version-vector.ts';
import type { Operation } from '../history.ts';
import type { KeyHistory } from './key-history.ts';
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
  if (history.replaceable.has(write)) return true;
  const isReplacer = (operation: Operation) =>
    operation.writeId !== write && mayBeIn(operation, picture, history);
  const brought = history.put(write);
  const replacer =
    history.replacers(write).find(isReplacer) ??
    history.overwrites.find(over => isReplacer(over) && (brought === undefined || isLater(over, brought)));
  if (replacer !== undefined && leavesNoTrace(replacer) && isDecided(replacer))
    history.replaceable.add(write);
  return replacer !== undefined;
}

/**
 * A write that a picture covers and does not show, though nobody can have replaced it. Looks only at what is
 * new since an older one that was found sound: who was in that is in this one too.
 */
export function unjustified(
  { before, after }: { before: Picture; after: Picture },
  history: KeyHistory,
): WriteId | undefined {
  const isMissing = (write: WriteId) => !after.shown.has(write) && !isJustified(after, write, history);
  for (const write of before.shown) if (isMissing(write)) return write;
  for (const { writeId } of history.covered(after.vector, before.vector)) {
    if (isMissing(writeId)) return writeId;
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

/**
 * An overwrite that was answered at its only try can have taken nothing out that came after: the network does
 * not double it (repeatable.ts).
 */
function isLater(overwrite: Operation, write: Operation): boolean {
  const { ended, endedAt, tries } = overwrite;
  if (ended === 'not applied' && tries.length <= 1) return false;
  return ended !== 'ok' || tries.length > 1 || endedAt! >= write.beganAt;
}

/**
 * A put leaves its dot in the record it changes. One that was tried again, or had to be placed twice, may
 * have had dots that no commit showed, because something newer went into the same batch; and so may one of
 * which no dot is known at all.
 */
function mayBeIn(operation: Operation, { vector, shown, gone }: Picture, history: KeyHistory): boolean {
  const { writeId } = operation;
  if (writeId === undefined || leavesNoTrace(operation) || shown.has(writeId)) return true;
  const mintings = history.mintings(writeId);
  if (mintings.length === 0 || mintings.some(({ dot }) => covers(vector, dot))) return true;
  return gone.some(write => write.writeId === writeId);
}

function leavesNoTrace({ writeId, tries, how }: Operation): boolean {
  return writeId === undefined || tries.length > 1 || how === 'overwrite';
}

/** It will not turn out to have been refused. */
function isDecided({ ended }: Operation): boolean {
  return ended === 'ok' || ended === 'unknown';
}

/** The exception of I9: the list of overwritten writes keeps the newest, so that a twin may stand again. */
function mayBeForgotten(gone: Overwritten, pictures: readonly Picture[], history: KeyHistory): boolean {
  const all = [...history.allMintings, ...pictures.flatMap(picture => picture.gone)];
  const newer = all.filter(write => newestFirst(write, gone) < 0);
  return new Set(newer.map(({ writeId, writtenAt }) => `${writtenAt} ${writeId}`)).size >= OVERWRITTEN_MAX;
}
