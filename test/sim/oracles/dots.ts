/**
 * A dot names one write for ever, whatever happens to disks, and one value (I3): a counter is given out once
 * in its incarnation, over all keys; nobody but one node mints in it; and what a disk knows of the counters
 * of others never falls while it loses nothing.
 */
import { crc32 } from 'node:zlib';
import { ByteReader, equalBytes } from '../../../src/base/bytes.ts';
import { type Incarnation, printIncarnation, printWriteId, type WriteId } from '../../../src/base/ids.ts';
import type { Sibling } from '../../../src/core/record/record.ts';
import { compareDots, incarnationOf } from '../../../src/core/record/version-vector.ts';
import { decodeSmallRow } from '../../../src/core/rows/small-row.ts';
import type { Operation as StoreOperation } from '../../../src/ports/store.ts';
import { readKnownKey } from '../../../src/replica/layout.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { Book, RowChange } from './book.ts';

interface Named {
  readonly key: string;
  readonly writeId: WriteId;
  readonly actor: string;
  readonly value: number;
}

const KNOWN = 'k'.charCodeAt(0);

export class Dots implements Oracle {
  /** By incarnation and counter. */
  readonly #named = new Map<Incarnation, Map<number, Named>>();
  readonly #minters = new Map<Incarnation, string>();
  /** By node: the highest counter it has noted of each incarnation. */
  readonly #noted = new Map<string, Map<Incarnation, number>>();

  constructor(book: Book) {
    book.onChange(change => this.#changed(change));
  }

  committed(node: string, batch: readonly StoreOperation[]): void {
    for (const { key, value } of batch) {
      if (key[0] === KNOWN && value !== undefined) this.#noteCounter(node, { key, value });
    }
  }

  lost(node: string): void {
    this.#noted.delete(node);
  }

  #changed({ node, key, before, after, row }: RowChange): void {
    for (const sibling of after.siblings) {
      if (!before?.siblings.some(known => isSameSibling(known, sibling))) this.#checkNamed(key, sibling);
    }
    if (row.birth !== undefined) this.#checkMinter(node, row.birth.incarnation);
  }

  #checkNamed(key: string, { dot, writeId, value }: Sibling): void {
    const incarnation = incarnationOf(dot.actor);
    const counters = this.#named.get(incarnation) ?? new Map<number, Named>();
    this.#named.set(incarnation, counters);
    const first = counters.get(dot.counter);
    const now = { key, writeId, actor: dot.actor, value: crc32(value) };
    if (first === undefined) counters.set(dot.counter, now);
    else if (!isSame(first, now)) {
      const dotName = `${printIncarnation(incarnation)}:${dot.counter}`;
      const names = `${printWriteId(first.writeId)} of ${first.key}, and ${printWriteId(writeId)}`;
      throw new Violation('I3', `dot ${dotName} names ${names}`, { key });
    }
  }

  #checkMinter(node: string, incarnation: Incarnation): void {
    const first = this.#minters.get(incarnation);
    if (first === undefined) this.#minters.set(incarnation, node);
    else if (first !== node)
      throw new Violation('I3', `${first} and ${node} mint as ${printIncarnation(incarnation)}`);
  }

  #noteCounter(node: string, { key, value }: { key: Uint8Array; value: Uint8Array }): void {
    const incarnation = readKnownKey(key);
    const body = decodeSmallRow({ key, value });
    if (incarnation === undefined || body === undefined)
      throw new Violation('I12', `${node} stores a counter that cannot be read`);
    const counter = new ByteReader(body).u53();
    const noted = this.#noted.get(node) ?? new Map<Incarnation, number>();
    this.#noted.set(node, noted);
    if (counter < (noted.get(incarnation) ?? 0))
      throw new Violation('I3', `${node} counts ${printIncarnation(incarnation)} back to ${counter}`);
    noted.set(incarnation, counter);
  }
}

function isSame(a: Named, b: Named): boolean {
  return a.key === b.key && a.writeId === b.writeId && a.actor === b.actor && a.value === b.value;
}

function isSameSibling(a: Sibling, b: Sibling): boolean {
  return compareDots(a.dot, b.dot) === 0 && a.writeId === b.writeId && equalBytes(a.value, b.value);
}
