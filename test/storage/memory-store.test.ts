import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { StoreFailed } from '../../src/ports/store.ts';
import { storeContract } from '../contract/store.contract.ts';
import { MemoryStore } from '../support/memory-store.ts';

storeContract('the store in memory', async () => {
  const store = new MemoryStore();
  return {
    store,
    failNextWrite: () => store.failNextWrite(),
    failReads: failure => store.failReads(failure),
  };
});

describe('the faults of the store in memory', () => {
  const key = Buffer.from('k');
  const row = { key, value: Buffer.from([0b101]) };
  const range = { from: key, to: Buffer.from('l'), limit: 1 };

  it('shows a held write to nobody until it is released', async () => {
    const store = new MemoryStore();
    store.holdWrites();
    const written = store.write([row]);
    expect(store.underWay).toEqual([row]);
    expect(store.get(key)).toBeUndefined();
    store.releaseWrites();
    await written;
    expect([...store.get(key)!]).toEqual([0b101]);
    expect(store.batchesWritten).toBe(1);
  });

  it('holds the failure of a held write until it is released', async () => {
    const store = new MemoryStore();
    store.holdWrites();
    const written = store.write([row]);
    store.failNextWrite({ applied: true });
    store.releaseWrites();
    await expect(written).rejects.toThrow(StoreFailed);
    expect([...store.get(key)!]).toEqual([0b101]);
    expect(store.batchesWritten).toBe(0);
  });

  it('damages and loses values', async () => {
    const store = new MemoryStore();
    await store.write([row]);
    store.flipBit(key, 1);
    expect([...store.get(key)!]).toEqual([0b111]);
    store.lose(key);
    expect(store.get(key)).toBeUndefined();
    expect(await store.scan(range)).toEqual([]);
  });

  it('reads again once its reads are healed', async () => {
    const store = new MemoryStore();
    await store.write([row]);
    store.failReads({ corrupt: false });
    await expect(store.scan(range)).rejects.toThrow(StoreFailed);
    await store.warm([key]);
    store.healReads();
    expect([...store.get(key)!]).toEqual([0b101]);
  });

  it('comes back after a crash with what was committed, not with what was under way', async () => {
    const store = new MemoryStore();
    await store.write([row]);
    store.holdWrites();
    void store.write([{ key, value: undefined }]);
    const next = store.reopened();
    store.releaseWrites();
    await next.write([]);
    expect([...next.get(key)!]).toEqual([0b101]);
  });
});
