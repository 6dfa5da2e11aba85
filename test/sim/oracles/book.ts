/**
 * The book in which the oracles look things up, first of them to be told anything: the history of each key,
 * every row on every disk, and what a row was before its disk lost something. Rows are read once, as they are
 * committed; whoever cares for a change of one is called then.
 */
import { byteText } from '../../../src/base/bytes.ts';
import type { Record } from '../../../src/core/record/record.ts';
import type { Row } from '../../../src/core/rows/row.ts';
import type { Operation as StoreOperation } from '../../../src/ports/store.ts';
import { dataKey } from '../../../src/replica/layout.ts';
import type { Operation } from '../history.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';
import { KeyHistory } from './key-history.ts';

/** A row was committed. */
export interface RowChange {
  readonly node: string;
  readonly key: string;
  readonly before: Record | undefined;
  readonly after: Record;
  readonly row: Row;
}

const DATA = 'r'.charCodeAt(0);

export class Book implements Oracle {
  readonly #view: View;
  readonly #histories: ReadonlyMap<string, KeyHistory>;
  /** By the key of their row (latin1). */
  readonly #names: ReadonlyMap<string, string>;
  /** By node and key: the record that lies there. */
  readonly #records = new Map<string, Map<string, Record>>();
  /** By node and key: what lay there when its row was removed, as a stand-in may do it. */
  readonly #removed = new Map<string, Map<string, Record>>();
  /** By node and key: what lay there before each loss. */
  readonly #lost = new Map<string, Map<string, Record[]>>();
  readonly #lossTimes: number[] = [];
  readonly #primaries = new Map<string, readonly string[]>();
  readonly #onChange: ((change: RowChange) => void)[] = [];

  constructor(view: View) {
    this.#view = view;
    this.#histories = new Map(view.keys.map(key => [key, new KeyHistory(key)]));
    this.#names = new Map(view.keys.map(key => [byteText(dataKey(view.place(key))), key]));
    for (const node of view.nodes) this.#records.set(node, new Map());
  }

  onChange(action: (change: RowChange) => void): void {
    this.#onChange.push(action);
  }

  history(key: string): KeyHistory {
    return this.#histories.get(key)!;
  }

  /** Of the ring as it was born, which does not change; nobody before that. */
  primaries(key: string): readonly string[] {
    const known = this.#primaries.get(key);
    if (known !== undefined) return known;
    const primaries = this.#view.primaries(key);
    if (primaries.length > 0) this.#primaries.set(key, primaries);
    return primaries;
  }

  /** Undefined: no row, or a damaged one. */
  record(node: string, key: string): Record | undefined {
    return this.#records.get(node)!.get(key);
  }

  /**
   * What this disk held at one time or another and has not taken over into something newer: what lies there,
   * and what lay there before losses and removals.
   */
  everHeld(node: string, key: string): readonly (Record | undefined)[] {
    const lost = this.#lost.get(node)?.get(key) ?? [];
    return [this.record(node, key), this.removed(node, key), ...lost];
  }

  /** What lay there when its row was last removed. */
  removed(node: string, key: string): Record | undefined {
    return this.#removed.get(node)?.get(key);
  }

  /** As it was before the latest loss of that disk. */
  beforeLoss(node: string, key: string): Record | undefined {
    return this.#lost.get(node)?.get(key)?.at(-1);
  }

  /**
   * Whether some disk lost something while this was under way: then what was acknowledged to it may be gone
   * by its end.
   */
  lossDuring({ beganAt, endedAt = this.#view.now }: Operation): boolean {
    return this.#lossTimes.some(at => at >= beganAt && at <= endedAt);
  }

  /**
   * Looks at every disk itself. Before an objection: a batch that failed and is there all the same was told
   * to nobody.
   */
  lookAgain(key: string): void {
    for (const node of this.#view.nodes) this.#look(node, key);
  }

  began(operation: Operation): void {
    this.history(operation.key).began(operation);
  }

  committed(node: string, batch: readonly StoreOperation[]): void {
    for (const { key } of batch) {
      const name = key[0] === DATA ? this.#names.get(byteText(key)) : undefined;
      if (name !== undefined) this.#committed(node, name);
    }
  }

  losing(node: string): void {
    const lost = this.#lost.get(node) ?? new Map<string, Record[]>();
    this.#lost.set(node, lost);
    for (const key of this.#view.keys) {
      this.#look(node, key);
      const record = this.record(node, key);
      if (record !== undefined) lost.set(key, [...(lost.get(key) ?? []), record]);
    }
  }

  lost(node: string): void {
    this.#lossTimes.push(this.#view.now);
    for (const key of this.#view.keys) this.#look(node, key);
  }

  converged(): void {
    for (const key of this.#view.keys) this.lookAgain(key);
  }

  over(): void {
    this.converged();
  }

  #committed(node: string, key: string): void {
    const row = this.#view.row(node, key);
    if (row === 'damaged') throw new Violation('I12', `${node} stores a row that cannot be read`, { key });
    const before = this.record(node, key);
    this.#look(node, key);
    if (row === undefined) {
      if (before !== undefined) this.#remember(node, { key, removed: before });
      return;
    }
    const change = { node, key, before, after: row.sealed.record, row };
    for (const action of this.#onChange) action(change);
  }

  #remember(node: string, { key, removed }: { key: string; removed: Record }): void {
    const known = this.#removed.get(node) ?? new Map<string, Record>();
    this.#removed.set(node, known.set(key, removed));
  }

  #look(node: string, key: string): void {
    const row = this.#view.row(node, key);
    const records = this.#records.get(node)!;
    if (row === undefined || row === 'damaged') {
      records.delete(key);
    } else {
      records.set(key, row.sealed.record);
      this.history(key).learn(row.sealed.record);
    }
  }
}
