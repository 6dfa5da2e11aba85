/** Operations and writes as violations name them. */
import { printWriteId, type WriteId } from '../../../src/base/ids.ts';
import { type Operation, shortId } from '../history.ts';
import type { KeyHistory } from './key-history.ts';

export function nameOf({ id, client, kind, writeId }: Operation): string {
  return `${client}'s ${kind}${writeId === undefined ? '' : ` of ${shortId(writeId)}`} (#${id})`;
}

export function nameOfWrite(write: WriteId, history: KeyHistory): string {
  const put = history.put(write);
  return put === undefined ? `a write nobody asked for (${printWriteId(write)})` : nameOf(put);
}
