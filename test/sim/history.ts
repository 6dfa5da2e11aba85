/**
 * What clients asked for and were told: all that the oracles may hold the cluster to. Every write carries its
 * write id in its value, so that whatever a reply shows can be told apart.
 */
import { Buffer } from 'node:buffer';
import type { WriteId } from '../../src/base/ids.ts';
import { type Record, view } from '../../src/core/record/record.ts';
import type { Replicas } from '../../src/ports/requests.ts';

export type Ended =
  /** Answered. */
  | 'ok'
  /** Refused, and said to be not applied. */
  | 'not applied'
  /** It may be in, or come in later. */
  | 'unknown';

export interface Operation {
  /** 1, 2, 3 …: in the order in which they began. */
  readonly id: number;
  readonly client: string;
  readonly kind: 'get' | 'put' | 'delete';
  readonly key: string;
  /**
   * A put beside what is there, over what its client had been shown, or over whatever is there; a delete is
   * never blind.
   */
  readonly how: 'read' | 'blind' | 'after' | 'overwrite';
  /** The writes that stood in the reply whose context it carries. */
  readonly sight: ReadonlySet<WriteId>;
  /** The operation whose reply gave that context. */
  readonly contextOf: Operation | undefined;
  readonly strict: boolean;
  /** R or W, as asked for; never 0. */
  readonly quorum: number;
  /** Of a put. */
  readonly writeId: WriteId | undefined;
  /** True time, ms. */
  readonly beganAt: number;
  /** The node and time of each attempt; more than one: a retry. */
  readonly tries: readonly Try[];
  readonly endedAt: number | undefined;
  readonly ended: Ended | undefined;
  /** When `ended` is `ok`. */
  readonly reply: Reply | undefined;
  /** Reason and outcome, when it failed. */
  readonly error: string | undefined;
}

export interface Try {
  readonly node: string;
  readonly at: number;
}

export interface Reply {
  /** The writes that stand in the reply: of a write, its own and every other live one. */
  readonly shown: ReadonlySet<WriteId>;
  readonly context: Uint8Array;
  readonly replicas: Replicas;
}

/** Write ids are drawn so that people can read them: `shortId` is what logs say. */
export function shortId(id: WriteId): string {
  return `w${Buffer.from(id, 'latin1').readUInt32BE(0)}`;
}

/** What a record shows, and what it remembers as gone. */
export function recordSaid(record: Record): string {
  const gone = record.overwritten.map(({ writeId }) => shortId(writeId));
  const shown = view(record).map(({ writeId }) => shortId(writeId));
  return `${shown.join(' ') || 'no value'}${gone.length > 0 ? `, gone: ${gone.join(' ')}` : ''}`;
}
