/**
 * Hints are notes, not copies (DESIGN §7): "node X has not got this key yet". The record lives once, in its
 * partition, so a thousand writes to one key cost one note, and a replay sends the newest record. One per
 * (target, key), written in the batch of its record.
 *
 *   h | target | partition | name → checksum u32 | written at u53, milliseconds since 1970
 *
 * A note of a key that this node owns itself is a help to those that missed it, and bounded by bytes: what is
 * dropped is counted, and anti-entropy brings it (TRAPS H8). A note beside a record that is only here in
 * somebody's stead is never dropped. Whether a note is still needed is not decided here, nor how old it may
 * become (repair/handoff).
 */
import type { NodeName } from '../base/ids.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { OwedPage } from '../ports/holdings.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { OwedHints } from '../ports/overview.ts';
import type { Operation, Store } from '../ports/store.ts';
import { BATCH_OPERATIONS_MAX } from './batch.ts';
import type { Committer } from './committer.ts';
import { type Change, type HintIndex, type Note, newNote, noteRow, readNote } from './hint-index.ts';
import { hintKey, hintRangeOf, keyAfter } from './layout.ts';

/** Of notes, some 600 000 of them: a quarter of an hour of a busy node. */
export const HINT_BYTES_MAX = 64 * 1024 * 1024;
/** A key that is missed with every write costs a write more only so often. */
const RENEW_MS = 3_600_000;
const PAGE_NOTES = 256;
const NOTHING_NOTED: Noting = { operations: [], queued: () => {} };

export interface HintsParts {
  readonly store: Store;
  readonly committer: Committer;
  readonly index: HintIndex;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Whether this node is itself an owner of the key. */
  readonly owns: (place: KeyPlace) => boolean;
  /** False in tests of what works without hints: then none is written. */
  readonly keepsHints?: boolean | undefined;
  /** {@link HINT_BYTES_MAX} unless said otherwise. */
  readonly hintBytesMax?: number | undefined;
}

export interface Missing {
  readonly targets: readonly NodeName[];
  readonly place: KeyPlace;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** What to queue in this tick; `queued` is called right after that (see `Committer.queue`). */
export interface Noting {
  readonly operations: readonly Operation[];
  readonly queued: () => void;
}

export class Hints {
  readonly #parts: HintsParts;
  /** For whom notes were dropped, as far as it was told. */
  readonly #told = new Set<NodeName>();

  constructor(parts: HintsParts) {
    this.#parts = parts;
  }

  /** How many notes there are, queued ones included. */
  get count(): number {
    return this.#parts.index.count;
  }

  targets(): readonly NodeName[] {
    return this.#parts.index.targets();
  }

  /** Sorted by target. @param nowMs milliseconds since 1970 */
  owed(nowMs: number): readonly OwedHints[] {
    return this.#parts.index.owed(nowMs);
  }

  /**
   * These nodes are noted as missing the key. Of those that are noted already only the time is renewed, and
   * that if it is older than an hour: 1. a member misses a key; 2. six days later it misses it again; 3. two
   * days later the note is too old by the first miss, and nobody would know of the second.
   */
  adding({ targets, place, atMs }: Missing): Noting {
    if (targets.length === 0 || this.#parts.keepsHints === false) return NOTHING_NOTED;
    return this.#noting(targets.flatMap(target => this.#missed({ target, place, atMs })));
  }

  /** Nobody, or not one of these, is noted any more as missing the key. */
  removing(place: KeyPlace, targets: readonly NodeName[] = this.targets()): Noting {
    const notes = targets.flatMap(target => this.#find(hintKey(target, place)) ?? []);
    return this.#noting(notes.map(note => ({ note, by: -1 })));
  }

  /**
   * A page of the notes for one target, in the order of their keys: of what is committed, so that one just
   * queued comes in the next round. What is no note any more is removed and counted (TRAPS H6). Rejects with
   * StoreFailed.
   */
  async page(target: NodeName, after?: Uint8Array): Promise<OwedPage> {
    const range = hintRangeOf(target);
    const entries = await this.#parts.store.scan({ ...range, from: after ?? range.from, limit: PAGE_NOTES });
    const notes = entries.map(readNote);
    this.voided(entries.filter((_, i) => notes[i] === undefined).map(({ key }) => key));
    const last = entries.length < PAGE_NOTES ? undefined : entries.at(-1);
    return { notes: notes.filter(note => note !== undefined), next: last && keyAfter(last.key) };
  }

  /** Keys of hints that hold no note: removed, if the disk takes it; else they are found again. */
  voided(keys: readonly Uint8Array[]): void {
    const { committer, metrics } = this.#parts;
    const unreadable = keys.filter(key => this.#isUnreadable(key));
    if (unreadable.length > 0) metrics.count('hint.void', unreadable.length);
    for (let i = 0; i < unreadable.length && !committer.faulted; i += BATCH_OPERATIONS_MAX) {
      const operations = unreadable
        .slice(i, i + BATCH_OPERATIONS_MAX)
        .map(key => ({ key, value: undefined }));
      try {
        committer.queue(operations).catch(() => undefined);
      } catch {
        return;
      }
    }
  }

  #missed(miss: Pick<Note, 'target' | 'place' | 'atMs'>): readonly Change<Note>[] {
    const { target, place, atMs } = miss;
    const known = this.#find(hintKey(target, place));
    const added = { note: newNote(miss), by: 1 } as const;
    if (known === undefined) return this.#isFull(target, place) ? [] : [added];
    return atMs - known.atMs > RENEW_MS ? [{ note: known, by: -1 }, added] : [];
  }

  /** Of two changes of one note the later is written. */
  #noting(changes: readonly Change<Note>[]): Noting {
    const { index } = this.#parts;
    return {
      operations: changes.map(({ note, by }) =>
        by === 1 ? noteRow(note) : { key: hintKey(note.target, note.place), value: undefined },
      ),
      queued: () => {
        for (const { note, by } of changes) index.change(note, by);
      },
    };
  }

  /** Only what this node owns itself may be dropped. */
  #isFull(target: NodeName, place: KeyPlace): boolean {
    const { index, metrics, owns, log, hintBytesMax = HINT_BYTES_MAX } = this.#parts;
    if (index.bytes < hintBytesMax || !owns(place)) return false;
    metrics.count('hint.dropped.bytes');
    if (!this.#told.has(target)) {
      this.#told.add(target);
      const advice = 'it gets the others by later reads of the keys';
      log.warn('a member has missed more writes than are noted', { target, advice });
    }
    return true;
  }

  /** One that cannot be read is none, and is written once more: no reason to fail the write it belongs to. */
  #find(key: Uint8Array): Note | undefined {
    try {
      const value = this.#parts.committer.get(key);
      return value && readNote({ key, value });
    } catch {
      return undefined;
    }
  }

  /** Not so once something else is queued there, or its removal. */
  #isUnreadable(key: Uint8Array): boolean {
    try {
      const value = this.#parts.committer.get(key);
      return value !== undefined && readNote({ key, value }) === undefined;
    } catch {
      return true;
    }
  }
}
