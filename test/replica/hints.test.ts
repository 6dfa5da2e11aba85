/** The notes of who is owed what: one a target and key, counted exactly, whatever becomes of the disk. */
import { describe, expect, test } from 'vitest';
import { nodeName } from '../../src/base/ids.ts';
import { placeKey } from '../../src/core/ring/placement.ts';
import { Committer } from '../../src/replica/committer.ts';
import { HintIndex } from '../../src/replica/hint-index.ts';
import { Hints, type Noting } from '../../src/replica/hints.ts';
import { hintKey } from '../../src/replica/layout.ts';
import { Counters } from '../../src/system/counters.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { KeptLog } from '../support/quiet.ts';

const [N1, N2] = [nodeName('n1'), nodeName('n2')];
const HOUR_MS = 3_600_000;

interface Setting {
  readonly store?: MemoryStore;
  readonly owns?: boolean;
  readonly hintBytesMax?: number;
}

async function open({ store = new MemoryStore(), owns = true, hintBytesMax }: Setting = {}) {
  const unreadable: Uint8Array[] = [];
  const index = await HintIndex.load(store, key => unreadable.push(key));
  const [metrics, log] = [new Counters(), new KeptLog()];
  const committer = new Committer({ store, metrics, ledgers: [index] });
  const hints = new Hints({ store, committer, index, metrics, log, owns: () => owns, hintBytesMax });
  hints.voided(unreadable);
  const queue = ({ operations, queued }: Noting) => {
    const committed = committer.queue(operations);
    queued();
    return committed;
  };
  const note = (key: string, { target = N1, atMs = 0 } = {}) =>
    queue(hints.adding({ targets: [target], place: at(key), atMs }));
  const counted = (metric: string) => metrics.snapshot().get(metric) ?? 0;
  return { store, committer, hints, log, queue, note, counted };
}

const at = (key: string) => placeKey({ bucket: 'carts', key });
const keysOf = (notes: readonly { place: { key: string } }[]) => notes.map(({ place }) => place.key).sort();

describe('notes', () => {
  test('are told by target, with the age of the oldest, also after a restart', async () => {
    const { store, hints, note } = await open();
    await note('a', { atMs: 2 * HOUR_MS });
    await note('b', { atMs: HOUR_MS });
    await note('a', { target: N2, atMs: 3 * HOUR_MS });
    const owed = [
      { target: N1, count: 2, oldestMs: 9 * HOUR_MS },
      { target: N2, count: 1, oldestMs: 7 * HOUR_MS },
    ];
    expect(hints.owed(10 * HOUR_MS)).toEqual(owed);
    expect((await open({ store: store.reopened() })).hints.owed(10 * HOUR_MS)).toEqual(owed);
  });

  test('of a key that is missed a thousand times are one', async () => {
    const { hints, note } = await open();
    for (let i = 0; i < 1000; i++) await note('a', { atMs: i });
    expect(hints.owed(0)).toEqual([{ target: N1, count: 1, oldestMs: 0 }]);
    expect((await hints.page(N1)).notes).toHaveLength(1);
  });

  test('are renewed when the key is missed again, once an hour at most', async () => {
    const { store, hints, note } = await open();
    await note('a', { atMs: 0 });
    await note('a', { atMs: HOUR_MS });
    expect(hints.owed(2 * HOUR_MS)).toMatchObject([{ oldestMs: 2 * HOUR_MS }]);
    const written = store.batchesWritten;
    for (let i = 1; i < 10; i++) await note('a', { atMs: HOUR_MS + i * 60_000 });
    expect(store.batchesWritten).toBe(written + 1);
    expect(hints.owed(2 * HOUR_MS)).toEqual([{ target: N1, count: 1, oldestMs: HOUR_MS - 60_000 }]);
    expect((await open({ store: store.reopened() })).hints.owed(HOUR_MS)).toEqual(hints.owed(HOUR_MS));
  });

  test('that go take their age along; the last takes its target', async () => {
    const { hints, note, queue } = await open();
    await note('old', { atMs: 0 });
    await note('new', { atMs: HOUR_MS });
    await queue(hints.removing(at('old')));
    expect(hints.owed(HOUR_MS)).toEqual([{ target: N1, count: 1, oldestMs: 0 }]);
    await queue(hints.removing(at('new'), [N1]));
    expect(hints.owed(HOUR_MS)).toEqual([]);
    expect(hints.count).toBe(0);
  });

  test('are removed only for those named', async () => {
    const { hints, note, queue } = await open();
    await note('a');
    await note('a', { target: N2 });
    await queue(hints.removing(at('a'), [N2]));
    expect(hints.targets()).toEqual([N1]);
  });

  test('that the disk fails under are not counted, nor are their removals', async () => {
    const { store, hints, note, queue } = await open();
    await note('kept');
    store.holdWrites();
    store.failNextWrite();
    const failing = [note('lost'), queue(hints.removing(at('kept'))), note('later')];
    expect(hints.count).toBe(2);
    store.releaseWrites();
    await Promise.allSettled(failing);
    expect(hints.owed(0)).toEqual([{ target: N1, count: 1, oldestMs: 0 }]);
    expect(keysOf((await hints.page(N1)).notes)).toEqual(['kept']);
  });

  test('are read page by page, those of one target only', async () => {
    const { hints, note } = await open();
    const keys = Array.from({ length: 600 }, (_, i) => `k${i}`);
    await Promise.all(keys.map(key => note(key)));
    await note('other', { target: nodeName('n10') });
    const found: string[] = [];
    for (let next: Uint8Array | undefined, more = true; more; more = next !== undefined) {
      const page = await hints.page(N1, next);
      found.push(...keysOf(page.notes));
      next = page.next;
    }
    expect(found.sort()).toEqual(keys.sort());
  });
});

describe('a note that is no note any more (TRAPS H6)', () => {
  test.each(['at start', 'when it is read'])('is removed and counted %s', async when => {
    const { store, note, hints, counted } = await open();
    await note('a');
    await note('b');
    store.flipBit(hintKey(N1, at('a')), 40);
    const now = when === 'at start' ? await open({ store: store.reopened() }) : { store, hints, counted };
    expect(keysOf((await now.hints.page(N1)).notes)).toEqual(['b']);
    expect(now.counted('hint.void')).toBe(1);
    await expect.poll(() => now.store.get(hintKey(N1, at('a')))).toBeUndefined();
  });

  test('does not keep the key from being noted anew', async () => {
    const { store, note, hints } = await open();
    await note('a');
    store.flipBit(hintKey(N1, at('a')), 40);
    await note('a');
    expect(keysOf((await hints.page(N1)).notes)).toEqual(['a']);
  });
});

describe('when notes take too much room (TRAPS H8)', () => {
  test('those of keys owned here are dropped and counted, and that is told once', async () => {
    const { hints, note, counted, log } = await open({ hintBytesMax: 60 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) await note(key);
    expect(hints.count).toBeLessThan(5);
    expect(counted('hint.dropped.bytes')).toBe(5 - hints.count);
    expect(log.lines.filter(({ event }) => event.includes('missed more writes'))).toHaveLength(1);
  });

  test("those beside a record that is only here in another's stead are never dropped", async () => {
    const { hints, note, counted } = await open({ hintBytesMax: 60, owns: false });
    for (const key of ['a', 'b', 'c', 'd', 'e']) await note(key);
    expect(hints.count).toBe(5);
    expect(counted('hint.dropped.bytes')).toBe(0);
  });
});
