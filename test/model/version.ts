/** The row at one moment, real and twin, and what acks and digests tell of it. */

import { NO_DIGEST, seal } from '../../src/core/record/codec.ts';
import { NOTHING, type Record } from '../../src/core/record/record.ts';
import { NOTHING_SEEN, type VersionVector } from '../../src/core/record/version-vector.ts';
import { placeKey } from '../../src/core/ring/placement.ts';
import type { Row } from '../../src/core/rows/row.ts';
import { NO_PAST, type Past } from './past.ts';

export const PLACE = placeKey({ bucket: 'model', key: 'the only one' });

/** What is known of the key, by the rules and by the twin. */
export interface Known {
  readonly record: Record;
  readonly past: Past;
}

/** Called when what was stored is durable, with the row as it was left: what an ack says. */
export type WhenDurable = (left: Left) => void;

export interface Left {
  /** In hex. */
  readonly digest: string;
  readonly vector: VersionVector;
}

export interface Version {
  readonly row: Row | undefined;
  readonly past: Past;
  readonly damaged: boolean;
}

export const EMPTY: Version = { row: undefined, past: NO_PAST, damaged: false };

export function knownIn({ row, past }: Version): Known {
  return { record: row?.sealed.record ?? NOTHING, past };
}

/** The version as a node has it that has merged with every other owner. */
export function complete(version: Version): Version {
  const { row } = version;
  return { ...version, row: row && { ...row, recovering: false }, damaged: false };
}

/** In hex. */
export function digestOf(record: Record): string {
  return record === NOTHING ? print(NO_DIGEST) : print(seal(record, PLACE).digest);
}

export function leftIn({ row }: Version): Left {
  return {
    digest: print(row?.sealed.digest ?? NO_DIGEST),
    vector: row?.sealed.record.vector ?? NOTHING_SEEN,
  };
}

function print(digest: Uint8Array): string {
  return Buffer.from(digest).toString('hex');
}
