/**
 * The digests of segments equal the data at every commit (I7): after each batch, the sums it touched are what
 * the rows on that disk add up to, and the index names just those rows; at the end, what the next process
 * would load is. Left out is what losses of data set wrong without anybody's doing, until it is right again.
 * A scrub that sees drift is right only about a disk that has lost something.
 */
import { byteText } from '../../../src/base/bytes.ts';
import { type KeyPlace, PARTITIONS } from '../../../src/core/ring/placement.ts';
import type { SegmentPlace } from '../../../src/core/ring/segments.ts';
import {
  addRow,
  decodeSum,
  emptySum,
  type SegmentSum,
  sameSum,
} from '../../../src/core/rows/segment-sums.ts';
import type { Operation as StoreOperation } from '../../../src/ports/store.ts';
import { dataKey, indexKey, sumKey } from '../../../src/replica/layout.ts';
import { SegmentLedger } from '../../../src/replica/segment-ledger.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';

/** The keys of a test that lie in one segment. */
interface Segment extends SegmentPlace {
  readonly keys: readonly string[];
  readonly sumKey: Uint8Array;
}

export class Sums implements Oracle {
  readonly #view: View;
  readonly #segments: readonly Segment[];
  /** By the keys (latin1) of the rows, of the index and of the sum of each. */
  readonly #byStored = new Map<string, Segment>();
  /** By node: those that a loss left wrong. */
  readonly #wronged = new Map<string, Set<Segment>>();
  readonly #everLost = new Set<string>();

  constructor(view: View) {
    this.#view = view;
    this.#segments = segmentsOf(view);
    for (const segment of this.#segments) {
      this.#byStored.set(byteText(segment.sumKey), segment);
      for (const key of segment.keys.map(name => view.place(name)))
        for (const stored of [dataKey(key), indexKey(key)]) this.#byStored.set(byteText(stored), segment);
    }
  }

  committed(node: string, batch: readonly StoreOperation[]): void {
    const touched = new Set<Segment>();
    for (const { key } of batch) {
      const segment = isOfSegment(key) ? this.#byStored.get(byteText(key)) : undefined;
      if (segment !== undefined) touched.add(segment);
    }
    for (const segment of touched) this.#check(node, segment);
  }

  lost(node: string): void {
    this.#everLost.add(node);
    this.#wronged.set(node, new Set(this.#segments.filter(segment => this.#whatIsWrong(node, segment))));
  }

  async over(): Promise<void> {
    for (const node of this.#view.nodes) {
      this.#checkDrift(node);
      const ledger = await SegmentLedger.load(this.#view.disk(node), PARTITIONS);
      for (const segment of this.#segments) {
        const loaded = ledger.isDoubtful(segment) ? undefined : ledger.sum(segment);
        if (this.#isExcused(node, segment)) continue;
        if (!this.#agrees(node, { segment, sum: loaded })) throw wrong('sum', { node, segment });
        if (!this.#isIndexed(node, segment)) throw wrong('index', { node, segment });
      }
    }
  }

  #checkDrift(node: string): void {
    if (this.#everLost.has(node) || this.#view.counted('scrub.drift', node) === 0) return;
    throw new Violation('I7', `${node} has seen drift, and its disk has lost nothing`);
  }

  #check(node: string, segment: Segment): void {
    const what = this.#whatIsWrong(node, segment);
    if (what === undefined) this.#wronged.get(node)?.delete(segment);
    else if (!this.#isExcused(node, segment)) throw wrong(what, { node, segment });
  }

  #isExcused(node: string, segment: Segment): boolean {
    return this.#wronged.get(node)?.has(segment) ?? false;
  }

  /** As stored. An empty sum is a doubt that was written down: it says nothing, so it is not wrong. */
  #whatIsWrong(node: string, segment: Segment): 'sum' | 'index' | undefined {
    const value = this.#view.disk(node).get(segment.sumKey);
    const sum = value === undefined ? emptySum() : decodeSum({ key: segment.sumKey, value });
    if (!this.#agrees(node, { segment, sum })) return 'sum';
    return this.#isIndexed(node, segment) ? undefined : 'index';
  }

  /** A damaged row is one, too. */
  #isIndexed(node: string, segment: Segment): boolean {
    const disk = this.#view.disk(node);
    const places = segment.keys.map(key => this.#view.place(key));
    return places.every(
      place => (disk.get(dataKey(place)) === undefined) === (disk.get(indexKey(place)) === undefined),
    );
  }

  #agrees(node: string, { segment, sum }: { segment: Segment; sum: SegmentSum | undefined }): boolean {
    const rows = segment.keys.map(key => this.#view.row(node, key));
    // Whatever a sum says of it, also one that was counted before the damage and is written only now.
    if (rows.includes('damaged')) return false;
    if (sum === undefined) return true;
    const added = emptySum();
    for (const row of rows) if (row !== undefined && row !== 'damaged') addRow(added, row.sealed.digest);
    return sameSum(sum, added);
  }
}

function segmentsOf(view: View): readonly Segment[] {
  const places = view.keys.map(key => view.place(key));
  const names = new Map(places.map(place => [segmentName(place), place]));
  return [...names].map(([name, { partition, segment }]) => ({
    partition,
    segment,
    keys: view.keys.filter(key => segmentName(view.place(key)) === name),
    sumKey: sumKey({ partition, segment }),
  }));
}

function segmentName({ partition, segment }: KeyPlace): string {
  return `${partition}/${segment}`;
}

function wrong(what: 'sum' | 'index', where: { node: string; segment: Segment }): Violation {
  const { partition, segment, keys } = where.segment;
  const words = `the ${what} of segment ${partition}/${segment} of ${where.node} is not that of its rows`;
  return new Violation('I7', words, { key: keys[0]! });
}

function isOfSegment(key: Uint8Array): boolean {
  return 'ris'.includes(String.fromCharCode(key[0]!));
}
