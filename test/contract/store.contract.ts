/**
 * What every `Store` does (src/ports/store.ts). An implementation plugs in by saying how to make an empty one
 * that fails on demand.
 */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../src/base/assert.ts';
import { byteText } from '../../src/base/bytes.ts';
import { type Entry, type Operation, type Store, StoreFailed } from '../../src/ports/store.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Makes the next write reject, as a disk would. */
  failNextWrite(): void;
  /** Makes every read fail: on bytes that are not what was written, or on a disk that does not give them. */
  failReads(failure: { readonly corrupt: boolean }): void;
}

export function storeContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the store's contract`, () => {
    writing(make);
    reading(make);
    failing(make);
    failingReads(make);
    closing(make);
  });
}

type Make = () => Promise<StoreUnderTest>;

function writing(make: Make): void {
  it('has all of a batch once it resolved: what it puts and what it removes', async () => {
    const { store } = await make();
    await store.write([put('a', '1'), put('b', '1')]);
    await store.write([put('c', '2'), remove('a'), put('b', '2')]);
    expect(await everything(store)).toEqual(['b=2', 'c=2']);
  });

  it('lets the last operation of a batch on one key win', async () => {
    const { store } = await make();
    await store.write([put('a', '1'), remove('a'), put('a', '2'), put('b', '1'), remove('b')]);
    expect(await everything(store)).toEqual(['a=2']);
  });

  it('accepts an empty batch and the removal of what is not there', async () => {
    const { store } = await make();
    await store.write([]);
    await store.write([remove('a')]);
    expect(await everything(store)).toEqual([]);
  });

  it('answers a get during a write with the value before or after it, and after it with the new one', async () => {
    const { store } = await make();
    await store.write([put('a', 'before')]);
    const written = store.write([put('a', 'after')]);
    expect(['before', 'after']).toContain(textOf(store.get(bytes('a'))));
    await written;
    expect(textOf(store.get(bytes('a')))).toBe('after');
  });

  it('keeps what was written though the caller uses the same memory again', async () => {
    const { store } = await make();
    const [key, value] = [bytes('a'), bytes('1')];
    const written = store.write([{ key, value }]);
    key.fill(0);
    value.fill(0);
    await written;
    expect(await everything(store)).toEqual(['a=1']);
  });

  it('refuses a second write at the same time as a bug of ours', async () => {
    const { store } = await make();
    const first = store.write([put('a', '1')]);
    await expect(store.write([put('b', '1')])).rejects.toThrow(AssertionFailed);
    await first;
    await store.write([put('c', '1')]);
    expect(await everything(store)).toEqual(['a=1', 'c=1']);
  });
}

function reading(make: Make): void {
  it('gives undefined for what is not there, and an empty value for what is empty', async () => {
    const { store } = await make();
    await store.write([put('empty', '')]);
    expect(store.get(bytes('absent'))).toBeUndefined();
    expect(store.get(bytes('empty'))).toHaveLength(0);
    expect(await everything(store)).toEqual(['empty=']);
  });

  it('takes any bytes as key, also a view into a larger buffer, and orders them as bytes', async () => {
    const { store } = await make();
    const keys = [[0], [0, 0], [0, 255], [1], [127], [128], [195, 164], [255], [255, 0], [255, 255]];
    const shuffled = [...keys].sort((a, b) => (a[0]! % 7) - (b[0]! % 7));
    await store.write(shuffled.map(key => ({ key: viewOf(key), value: viewOf(key) })));
    const found = await store.scan({ from: Uint8Array.of(0), to: Uint8Array.of(255, 255, 255), limit: 100 });
    expect(found.map(({ key }) => [...key])).toEqual(keys);
    for (const key of keys) expect([...store.get(viewOf(key))!]).toEqual(key);
  });

  it('gives back bytes that are the reader’s own', async () => {
    const { store } = await make();
    await store.write([put('a', '1')]);
    store.get(bytes('a'))!.fill(0);
    (await store.scan(range('a', 'b')))[0]!.value.fill(0);
    expect(textOf(store.get(bytes('a')))).toBe('1');
  });

  it('scans from its first key inclusive to its last exclusive, and no more than its limit', async () => {
    const { store } = await make();
    await store.write(['a', 'b', 'c', 'd'].map(key => put(key, '1')));
    const keys = async (from: string, to: string, limit = 100) =>
      (await store.scan({ ...range(from, to), limit })).map(({ key }) => textOf(key));
    expect(await keys('b', 'd')).toEqual(['b', 'c']);
    expect(await keys('', 'zz')).toEqual(['a', 'b', 'c', 'd']);
    expect(await keys('aa', 'cc')).toEqual(['b', 'c']);
    expect(await keys('a', 'z', 2)).toEqual(['a', 'b']);
    expect(await keys('a', 'z', 0)).toEqual([]);
    expect(await keys('b', 'b')).toEqual([]);
    expect(await keys('d', 'a')).toEqual([]);
  });

  it('scans as of one moment: a write that comes after is in it as a whole or not at all', async () => {
    const { store } = await make();
    await store.write([put('a', '1'), put('b', '1')]);
    const scanned = store.scan(range('a', 'z'));
    await store.write([put('a', '2'), put('b', '2')]);
    expect([
      ['a=1', 'b=1'],
      ['a=2', 'b=2'],
    ]).toContainEqual(shown(await scanned));
  });

  it('warms keys that are there, that are not, and none at all', async () => {
    const { store } = await make();
    await store.write([put('a', '1')]);
    await store.warm([bytes('a'), bytes('absent')]);
    await store.warm([]);
  });

  it('is an ordered map, whatever is written in whatever batches', async () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 3 });
    const operation = fc.record({
      key,
      value: fc.option(fc.uint8Array({ maxLength: 4 }), { nil: undefined }),
    });
    const history = fc.array(fc.array(operation, { maxLength: 8 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(history, key, key, fc.nat(10), async (batches, from, to, limit) => {
        const { store } = await make();
        const model = new Map<string, Entry>();
        for (const batch of batches) {
          await store.write(batch);
          for (const { key, value } of batch) setOrDelete(model, key, value);
        }
        const expected = [...model.keys()].sort().map(name => model.get(name)!);
        const within = expected.filter(
          ({ key }) => Buffer.compare(key, from) >= 0 && Buffer.compare(key, to) < 0,
        );
        expect(plain(await store.scan({ from, to, limit }))).toEqual(plain(within.slice(0, limit)));
        for (const { key, value } of expected) expect([...store.get(key)!]).toEqual([...value]);
        await store.close();
      }),
      { numRuns: 25 },
    );
  });
}

function failing(make: Make): void {
  it('rejects a write that failed and every later one, and goes on reading', async () => {
    const { store, failNextWrite } = await make();
    await store.write([put('a', '1')]);
    failNextWrite();
    await expect(store.write([put('b', '1')])).rejects.toThrow(StoreFailed);
    await expect(store.write([put('c', '1')])).rejects.toThrow(StoreFailed);
    await expect(store.write([])).rejects.toThrow(StoreFailed);
    expect(textOf(store.get(bytes('a')))).toBe('1');
    expect(store.get(bytes('c'))).toBeUndefined();
    expect(shown(await store.scan(range('a', 'b')))).toEqual(['a=1']);
  });

  it('rejects closing after a failed write, each time it is asked: nobody may call that a clean stop', async () => {
    const { store, failNextWrite } = await make();
    failNextWrite();
    await expect(store.write([put('a', '1')])).rejects.toThrow(StoreFailed);
    await expect(store.close()).rejects.toThrow(StoreFailed);
    await expect(store.close()).rejects.toThrow(StoreFailed);
  });

  it('rejects closing when the write under way fails meanwhile', async () => {
    const { store, failNextWrite } = await make();
    failNextWrite();
    const written = store.write([put('a', '1')]);
    const outcomes = await Promise.allSettled([written, store.close()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
}

function failingReads(make: Make): void {
  it.each([{ corrupt: true }, { corrupt: false }])(
    'says of a read that failed whether what is there is corrupt: $corrupt',
    async failure => {
      const { store, failReads } = await make();
      await store.write([put('a', '1')]);
      failReads(failure);
      const says = expect.objectContaining({ name: 'StoreFailed', ...failure });
      expect(() => store.get(bytes('a'))).toThrow(says);
      await expect(store.scan(range('a', 'b'))).rejects.toThrow(says);
      await store.warm([bytes('a')]);
    },
  );
}

function closing(make: Make): void {
  it('closes after the write under way, which is not lost', async () => {
    const { store } = await make();
    const events: string[] = [];
    const written = store.write([put('a', '1')]).then(() => events.push('written'));
    const closed = store.close().then(() => events.push('closed'));
    await Promise.all([written, closed]);
    expect(events).toEqual(['written', 'closed']);
  });

  it('may be closed twice, also at once', async () => {
    const { store } = await make();
    await Promise.all([store.close(), store.close()]);
    await store.close();
  });

  it('refuses everything but warming once it was told to close', async () => {
    const { store } = await make();
    await store.write([put('a', '1')]);
    const closed = store.close();
    await refusesEverything(store);
    await closed;
    await refusesEverything(store);
  });
}

async function refusesEverything(store: Store): Promise<void> {
  expect(() => store.get(bytes('a'))).toThrow(StoreFailed);
  await expect(store.scan(range('a', 'b'))).rejects.toThrow(StoreFailed);
  await expect(store.write([put('b', '1')])).rejects.toThrow(StoreFailed);
  await store.warm([bytes('a')]);
}

const bytes = (text: string): Buffer => Buffer.from(text);
const put = (key: string, value: string): Operation => ({ key: bytes(key), value: bytes(value) });
const remove = (key: string): Operation => ({ key: bytes(key), value: undefined });
const range = (from: string, to: string) => ({ from: bytes(from), to: bytes(to), limit: 100 });
const textOf = (value: Uint8Array | undefined) => value && Buffer.from(value).toString();
const shown = (entries: readonly Entry[]) =>
  entries.map(({ key, value }) => `${textOf(key)}=${textOf(value)}`);
const plain = (entries: readonly Entry[]) => entries.map(({ key, value }) => [[...key], [...value]]);
const everything = async (store: Store) => shown(await store.scan(range('', 'zzzz')));

/** These bytes in the middle of a larger buffer. */
function viewOf(values: readonly number[]): Uint8Array {
  return Uint8Array.from([9, ...values, 9]).subarray(1, values.length + 1);
}

function setOrDelete(model: Map<string, Entry>, key: Uint8Array, value: Uint8Array | undefined): void {
  const name = byteText(key);
  if (value === undefined) model.delete(name);
  else model.set(name, { key, value });
}
