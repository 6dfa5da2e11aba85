/**
 * What is said of a key at some moment, by a reply or by a row: how far it has seen, which writes stand,
 * which are remembered as gone. Rows and replies are compared by that alone: whoever is *past* a picture has
 * taken in all that it says (records are a lattice, I6).
 */
import { Buffer } from 'node:buffer';
import { clusterId, type WriteId } from '../../../src/base/ids.ts';
import { decodeContext } from '../../../src/core/record/context.ts';
import {
  newestFirst,
  OVERWRITTEN_MAX,
  type Overwritten,
  type Record,
  view,
} from '../../../src/core/record/record.ts';
import { covers, descends, type VersionVector } from '../../../src/core/record/version-vector.ts';
import type { KeyPlace } from '../../../src/core/ring/placement.ts';
import type { Reply } from '../history.ts';
import type { KeyHistory } from './key-history.ts';

export interface Picture {
  readonly vector: VersionVector;
  readonly shown: ReadonlySet<WriteId>;
  /** Remembered as overwritten; none that is shown. */
  readonly gone: readonly Overwritten[];
}

/** Of a key that nobody has heard of. */
export const BLANK: Picture = { vector: [], shown: new Set(), gone: [] };

export function pictureOfRecord(record: Record): Picture {
  const shown = new Set(view(record).map(({ writeId }) => writeId));
  return {
    vector: record.vector,
    shown,
    gone: record.overwritten.filter(({ writeId }) => !shown.has(writeId)),
  };
}

/** Behind version and checksum (src/core/record/context.ts): the reply says of which cluster it is. */
const CLUSTER_AT = 5;

const ofReplies = new WeakMap<Reply, Picture>();

/** What the context lets its client say it has seen, and what the reply showed; read once. */
export function pictureOfReply(reply: Reply, place: KeyPlace): Picture {
  const known = ofReplies.get(reply);
  if (known !== undefined) return known;
  const picture = readReply(reply, place);
  ofReplies.set(reply, picture);
  return picture;
}

function readReply({ shown, context }: Reply, place: KeyPlace): Picture {
  const cluster = clusterId(Buffer.from(context).toString('hex', CLUSTER_AT, CLUSTER_AT + 8));
  const { vector, writes } = decodeContext(context, { cluster, place });
  return { vector, shown, gone: writes.filter(({ writeId }) => !shown.has(writeId)) };
}

/**
 * Whether this record has taken in all of the picture: has seen as much, remembers as gone what was gone in
 * it, as far as its list has room, and none of that stands. Of twins (one write, several dots) one may stand
 * where another was gone, so they are no sign: only the list tells a delete of them, which leaves no dot,
 * from the record before it.
 */
export function isPast(record: Record | undefined, picture: Picture, history: KeyHistory): boolean {
  const { vector, shown } = picture;
  if (record === undefined) return vector.length === 0;
  if (!descends(record.vector, vector) || !remembers(record, picture)) return false;
  return record.siblings.every(
    ({ dot, writeId }) => shown.has(writeId) || !covers(vector, dot) || history.mayHaveTwins(writeId),
  );
}

function remembers({ overwritten }: Record, { gone }: Picture): boolean {
  return gone.every(write => overwritten.some(known => isSame(known, write)) || isCut(write, overwritten));
}

/** Whether a full list has let go of this write, for newer ones. */
export function isCut(write: Overwritten, list: readonly Overwritten[]): boolean {
  return list.length >= OVERWRITTEN_MAX && list.every(other => newestFirst(other, write) < 0);
}

export function isSame(one: Overwritten, other: Overwritten): boolean {
  return newestFirst(one, other) === 0;
}
