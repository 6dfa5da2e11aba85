/** What `put`, `delete` and `get` say to people. Pure. */
import type { ShownValues, Sibling } from '../client/index.ts';

/**
 * How many values the write took the place of; undefined when nobody knows: its context is opaque, a read
 * beforehand failed.
 */
export type Replaced = number | undefined;

/** "replaced 1 version" */
export function putSentence(written: ShownValues, replaced: Replaced): string {
  const done = replaced === undefined || replaced === 0 ? 'stored' : `replaced ${count(replaced, 'version')}`;
  return `${done}${beside(written)}${standIns(written)}`;
}

/** "deleted 1 version" */
export function deleteSentence(written: ShownValues, replaced: Replaced): string {
  const done = replaced === undefined ? 'deleted' : `deleted ${count(replaced, 'version')}`;
  return `${replaced === 0 ? 'nothing was there' : done}${beside(written)}${standIns(written)}`;
}

/** Of a delete with a context: what that had seen may have been gone before, and no reply tells. */
export function deleteSeenSentence(written: ShownValues): string {
  const others = written.siblings.length;
  if (others === 0) return `deleted${standIns(written)}`;
  const remain = `${count(others, 'version')} that it has not seen ${others === 1 ? 'remains' : 'remain'}`;
  return `what the context has seen is gone; ${remain}${standIns(written)}`;
}

/** The order in which people are shown versions, and count them for --sibling. */
export function inOrderOfTime(siblings: readonly Sibling[]): readonly Sibling[] {
  return siblings.toSorted((a, b) => a.writtenAt.getTime() - b.writtenAt.getTime());
}

/**
 * What concurrent writes have left: a line each, then what to do about it.
 * @param addr the nodes that were named, as --addr takes them
 */
export function siblingLines(
  { bucket, key, siblings, context }: ShownValues,
  addr?: string,
): readonly string[] {
  const at = addr === undefined ? '' : ` --addr ${addr}`;
  const put = `shoal put ${quoted(bucket)} ${quoted(key)} VALUE --context ${Buffer.from(context).toString('base64')}${at}`;
  return [
    `${bucket}/${key} has ${count(siblings.length, 'concurrent version')}:`,
    ...inOrderOfTime(siblings).map((sibling, index) => siblingLine(sibling, index + 1)),
    `print one with --sibling NUMBER; write one in their place with: ${put}`,
  ];
}

function siblingLine({ value, writtenAt }: Sibling, number: number): string {
  const size = count(Buffer.byteLength(value), 'byte');
  return `${String(number).padStart(3)}  ${writtenAt.toISOString()}  ${size}`;
}

function beside({ siblings }: ShownValues): string {
  const others = count(siblings.length, 'concurrent version');
  return siblings.length === 0 ? '' : `, ${others} beside it`;
}

function standIns({ replicas: { fallback, answered } }: ShownValues): string {
  const by = fallback === 1 ? 'a fallback' : 'fallbacks';
  return fallback === 0 ? '' : ` (${fallback} of ${count(answered, 'acknowledgement')} by ${by})`;
}

/** As one word of a shell, whatever is in it: the line is there to be pasted. */
function quoted(name: string): string {
  return /^[\w.:@%+/-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
