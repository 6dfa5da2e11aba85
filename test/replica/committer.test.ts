import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { ShoalError } from '../../src/base/errors.ts';
import { type Operation, StoreFailed } from '../../src/ports/store.ts';
import { BATCH_BYTES_MAX, BATCH_OPERATIONS_MAX } from '../../src/replica/batch.ts';
import { Committer, type Ledger, QUEUE_BYTES_MAX } from '../../src/replica/committer.ts';
import { Counters } from '../../src/system/counters.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { settled } from '../support/settled.ts';

/** A store that remembers its batches, and the committer over it. */
function setUp(ledgers: readonly Ledger[] = []) {
  const store = new BatchRecorder();
  const metrics = new Counters();
  return { store, metrics, committer: new Committer({ store, metrics, ledgers }) };
}

class BatchRecorder extends MemoryStore {
  readonly batches: (readonly Operation[])[] = [];

  override async write(operations: readonly Operation[]): Promise<void> {
    this.batches.push(operations);
    return super.write(operations);
  }

  get sizes(): number[] {
    return this.batches.map(batch => batch.length);
  }
}

function key(name: string | number): Buffer {
  return Buffer.from(`d${name}`);
}

function put(name: string | number, value: string): Operation {
  return { key: key(name), value: Buffer.from(value) };
}

function remove(name: string): Operation {
  return { key: key(name), value: undefined };
}

/** This many operations with keys of their own. */
function many(count: number, prefix = ''): Operation[] {
  return Array.from({ length: count }, (_, i) => put(`${prefix}${i}`, ''));
}

/** One operation of exactly this many bytes, key and value. */
function sized(name: string, bytes: number): Operation {
  return { key: key(name), value: Buffer.alloc(bytes - key(name).length) };
}

/** Whether the promise is settled, and how. */
async function stateOf(promise: Promise<void>): Promise<'pending' | 'done' | 'failed'> {
  let state: 'pending' | 'done' | 'failed' = 'pending';
  promise.then(
    () => (state = 'done'),
    () => (state = 'failed'),
  );
  await settled();
  return state;
}

test('a queued write is seen at once, is durable later, and then needs no overlay', async () => {
  const { store, committer } = setUp();
  store.holdWrites();
  const durable = committer.queue([put('a', '1')]);
  expect(committer.get(key('a'))).toEqual(Buffer.from('1'));
  expect(store.get(key('a'))).toBeUndefined();
  expect(await stateOf(durable)).toBe('pending');
  expect(committer.whenDurable(key('a'))).toBe(durable);

  store.releaseWrites();
  await durable;
  expect(store.get(key('a'))).toEqual(Buffer.from('1'));
  expect(committer.get(key('a'))).toEqual(Buffer.from('1'));
  expect(committer.whenDurable(key('a'))).toBeUndefined();
});

test('a queued removal hides what the store still has', async () => {
  const { store, committer } = setUp();
  await committer.queue([put('a', '1')]);
  store.holdWrites();
  const durable = committer.queue([remove('a')]);
  expect(committer.get(key('a'))).toBeUndefined();
  store.releaseWrites();
  await durable;
  expect(store.get(key('a'))).toBeUndefined();
});

test('a row written again while it is under way stays queued until its newest value is durable', async () => {
  const { store, committer } = setUp();
  store.holdWrites();
  const first = committer.queue([put('a', '1')]);
  await settled();
  const second = committer.queue([put('a', '2')]);
  expect(committer.whenDurable(key('a'))).toBe(second);
  expect(first).not.toBe(second);

  const afterFirst = first.then(() => committer.get(key('a'))?.toString());
  store.releaseWrites();
  expect(await afterFirst).toBe('2');
  await second;
  expect(store.get(key('a'))).toEqual(Buffer.from('2'));
});

test('the changes of one tick go together, and what comes meanwhile gathers for the next batch', async () => {
  const { store, committer } = setUp();
  store.holdWrites();
  void committer.queue([put('a', '1')]);
  void committer.queue([put('b', '1')]);
  await settled();
  expect(store.underWay).toHaveLength(2);
  void committer.queue([put('c', '1')]);
  void committer.queue([put('d', '1'), put('e', '1')]);
  await settled();
  expect(store.sizes).toEqual([2]);

  store.releaseWrites();
  await committer.flush();
  expect(store.sizes).toEqual([2, 3]);
});

test('of several operations on one key in a batch only the last is written', async () => {
  const { store, committer } = setUp();
  void committer.queue([put('a', '1'), put('b', '1')]);
  void committer.queue([remove('a')]);
  void committer.queue([put('b', '2')]);
  await committer.flush();
  expect(store.batches).toEqual([[remove('a'), put('b', '2')]]);
});

test('acknowledgements come in the order of the batches', async () => {
  const { committer } = setUp();
  const order: string[] = [];
  const first = committer.queue(many(BATCH_OPERATIONS_MAX, 'x')).then(() => order.push('first'));
  const second = committer.queue([put('y', '')]).then(() => order.push('second'));
  await Promise.all([second, first]);
  expect(order).toEqual(['first', 'second']);
});

test.each([
  ['exactly as many operations as a batch takes', [many(255, 'x'), many(1, 'y')], [256]],
  ['one operation too many', [many(255, 'x'), many(2, 'y')], [255, 2]],
  ['a change that is split over no two batches', [many(1, 'x'), many(256, 'y'), many(1, 'z')], [1, 256, 1]],
  ['a change of more operations goes alone', [many(1, 'x'), many(257, 'y'), many(1, 'z')], [1, 257, 1]],
  ['exactly as many bytes', [[sized('x', 100)], [sized('y', BATCH_BYTES_MAX - 100)]], [2]],
  ['one byte too many', [[sized('x', 100)], [sized('y', BATCH_BYTES_MAX - 99)]], [1, 1]],
  ['a change of more bytes goes alone', [[sized('x', BATCH_BYTES_MAX + 1)], many(1, 'y')], [1, 1]],
])('a batch closes: %s', async (_situation, changes, sizes) => {
  const { store, committer } = setUp();
  for (const operations of changes) void committer.queue(operations);
  await committer.flush();
  expect(store.sizes).toEqual(sizes);
});

test('when a batch fails, it and all behind it leave the overlay, and nothing of them is acknowledged', async () => {
  const { store, committer, metrics } = setUp();
  await committer.queue([put('a', 'old')]);
  store.holdWrites();
  const failing = committer.queue([put('a', 'new')]);
  await settled();
  const behind = [
    committer.queue([put('b', '1')]),
    committer.queue(many(256)),
    committer.queue([put('a', 'newer')]),
  ];
  store.failNextWrite();
  store.releaseWrites();

  for (const promise of [failing, ...behind]) await expect(promise).rejects.toThrow(StoreFailed);
  expect(committer.get(key('a'))).toEqual(Buffer.from('old'));
  expect(committer.get(key('b'))).toBeUndefined();
  expect(committer.whenDurable(key('a'))).toBeUndefined();
  expect(store.batches).toHaveLength(2);
  expect(metrics.snapshot().get('commit.faults')).toBe(1);
});

test('after a fault nothing is queued any more, and reads go on', async () => {
  const { store, committer } = setUp();
  await committer.queue([put('a', '1')]);
  store.failNextWrite();
  await expect(committer.queue([put('a', '2')])).rejects.toThrow(StoreFailed);
  expect(committer.faulted).toBeInstanceOf(StoreFailed);
  await expect(committer.queue([put('b', '1')])).rejects.toBe(committer.faulted);
  await expect(committer.flush()).rejects.toBe(committer.faulted);
  expect(committer.get(key('a'))).toEqual(Buffer.from('1'));
  expect(committer.get(key('b'))).toBeUndefined();
  expect(store.batches).toHaveLength(2);
});

test('whoever asks is told of a fault once: before it, and also after it', async () => {
  const { store, committer } = setUp();
  const told: StoreFailed[] = [];
  committer.onFault(fault => told.push(fault));
  expect(committer.faulted).toBeUndefined();
  store.failNextWrite();
  await committer.queue([put('a', '1')]).catch(() => undefined);
  await committer.queue([put('a', '1')]).catch(() => undefined);
  committer.onFault(fault => told.push(fault));
  expect(told).toEqual([committer.faulted, committer.faulted]);
});

test('a store that breaks its contract is a fault like any other', async () => {
  const { store, committer } = setUp();
  store.write = () => {
    throw new TypeError('a bug below');
  };
  await expect(committer.queue([put('a', '1')])).rejects.toThrow(StoreFailed);
  expect(committer.faulted?.cause).toBeInstanceOf(TypeError);
});

test('rejections that nobody waits for trouble nobody', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    const { store, committer } = setUp();
    store.failNextWrite();
    void committer.queue([put('a', '1')]);
    void committer.queue(many(256));
    void committer.whenDurable(key('a'));
    await settled();
    void committer.queue([put('b', '1')]);
    void committer.flush();
    await settled();
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});

test('more bytes than may wait are refused before anything is changed; what left makes room again', async () => {
  const { store, committer, metrics } = setUp();
  store.holdWrites();
  const waiting = committer.queue([sized('a', QUEUE_BYTES_MAX - 10)]);
  void committer.queue([sized('b', 10)]);
  const refused = () => committer.queue([put('c', '')]);
  expect(refused).toThrow(expect.objectContaining({ reason: 'OVERLOADED', outcome: 'not applied' }));
  expect(refused).toThrow(ShoalError);
  expect(committer.get(key('c'))).toBeUndefined();
  expect(metrics.snapshot().get('commit.refused')).toBe(2);

  store.releaseWrites();
  await waiting;
  await committer.queue([put('c', '')]);
  expect(store.get(key('c'))).toEqual(Buffer.from(''));
});

test('a change larger than all that may wait is taken when nothing else waits', async () => {
  const { committer } = setUp();
  await committer.queue([sized('a', QUEUE_BYTES_MAX + 1)]);
  expect(committer.get(key('a'))).toHaveLength(QUEUE_BYTES_MAX + 1 - key('a').length);
});

test('flush waits for all that is queued, and for nothing when nothing is', async () => {
  const { store, committer } = setUp();
  await committer.flush();
  await committer.queue([]);
  expect(store.batches).toEqual([]);

  store.holdWrites();
  void committer.queue(many(256));
  void committer.queue([put('last', '')]);
  const flushed = committer.flush();
  expect(await stateOf(flushed)).toBe('pending');
  store.releaseWrites();
  await flushed;
  expect(store.get(key('last'))).toBeDefined();
});

/** Writes how often it was changed, once a batch. */
class TallyLedger implements Ledger {
  changes = 0;
  readonly calls: string[] = [];

  close(): readonly Operation[] {
    this.calls.push(`close ${this.changes}`);
    return [put('tally', String(this.changes))];
  }

  committed(): void {
    this.calls.push('committed');
  }

  failed(): void {
    this.calls.push('failed');
  }
}

test('a ledger is written once a batch, with exactly the changes queued into that batch', async () => {
  const ledger = new TallyLedger();
  const { store, committer } = setUp([ledger]);
  const change = (operations: readonly Operation[]) => {
    const durable = committer.queue(operations);
    ledger.changes += 1;
    return durable;
  };
  store.holdWrites();
  void change([put('a', '')]);
  void change([put('b', '')]);
  await settled();
  void change(many(200, 'x'));
  void change(many(200, 'y'));
  void change(many(200, 'z'));
  expect(ledger.calls).toEqual(['close 2', 'close 3', 'close 4']);

  store.releaseWrites();
  await committer.flush();
  expect(store.batches.map(batch => batch.at(-1))).toEqual(
    [2, 3, 4, 5].map(changes => put('tally', String(changes))),
  );
  expect(ledger.calls.slice(3)).toEqual(['committed', 'committed', 'committed', 'close 5', 'committed']);
});

test('a ledger has its batch committed before anybody is told that it is', async () => {
  const ledger = new TallyLedger();
  const { committer } = setUp([ledger]);
  await committer.queue([put('a', '')]);
  expect(ledger.calls).toEqual(['close 0', 'committed']);
});

test('ledgers hear of a failure once', async () => {
  const ledger = new TallyLedger();
  const { store, committer } = setUp([ledger]);
  store.failNextWrite();
  void committer.queue(many(256));
  await committer.queue([put('a', '')]).catch(() => undefined);
  expect(ledger.calls).toEqual(['close 0', 'failed']);
});
