/**
 * I7 with a whole replica: whatever comes, is replaced, is handed off or is summed up anew, and wherever the
 * process is killed or the disk fails, sums and index in the store are those of the rows in the store; all of
 * it is computed anew from the rows. Where the disk itself has lost a row they are not, until the next
 * process has gone through it once.
 */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeName, partition, segment } from '../../src/base/ids.ts';
import { placeKey } from '../../src/core/ring/placement.ts';
import type { SegmentPlace } from '../../src/ports/comparisons.ts';
import type { Operation } from '../../src/ports/store.ts';
import { dataKey, indexKey } from '../../src/replica/layout.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { neighbours, openOn } from '../support/open-replica.ts';
import { sampleRecord } from '../support/samples.ts';
import { settled } from '../support/settled.ts';
import { unsound } from '../support/sound-store.ts';

const PLACES = [...neighbours(2), ...['x', 'y'].map(key => placeKey({ bucket: 'c', key }))];
const TARGET = nodeName('n2');
const CALL = { deadline: Number.POSITIVE_INFINITY, cancelled: false };
const BEGINNING: SegmentPlace = { partition: partition(0), segment: segment(0) };

interface Step {
  readonly does: 'apply' | 'drop' | 'recount' | 'lose row' | 'lose index';
  readonly key: number;
  readonly value: number;
  readonly next: 'flush' | 'end tick' | 'go on';
}

const steps = fc.array(
  fc.record<Step>({
    does: fc.constantFrom('apply', 'apply', 'apply', 'drop', 'drop', 'recount', 'lose row', 'lose index'),
    key: fc.nat(PLACES.length - 1),
    value: fc.nat(2),
    next: fc.constantFrom('flush', 'end tick', 'go on'),
  }),
  { maxLength: 25 },
);
const histories = fc.record({ steps, failAt: fc.option(fc.nat(20), { nil: undefined }) });

/** Keeps what a process that died after each batch would leave behind. */
class CrashingStore extends MemoryStore {
  readonly left: { readonly store: MemoryStore; readonly harmed: boolean }[] = [];
  harmed = false;

  override async write(operations: readonly Operation[]): Promise<void> {
    await super
      .write(operations)
      .finally(() => this.left.push({ store: this.reopened(), harmed: this.harmed }));
  }
}

type Opened = Awaited<ReturnType<typeof openOn<CrashingStore>>>;

function recordOf({ key, value }: Step) {
  return sampleRecord(PLACES[key]!, Buffer.from(`\0${value}`));
}

/** Not awaited: what is decided is decided in the tick of the call. */
async function take(step: Step, { replica, custody, segments, store }: Opened): Promise<unknown> {
  const place = PLACES[step.key]!;
  switch (step.does) {
    case 'apply':
      return await replica.apply({ place, record: recordOf(step), standsInFor: TARGET }, CALL);
    case 'drop':
      return await custody.drop({ place, digest: recordOf(step).digest });
    case 'recount':
      segments.doubt(place);
      return await replica.recount(place);
    default:
      store.harmed = true;
      return store.lose(step.does === 'lose row' ? dataKey(place) : indexKey(place));
  }
}

async function pass({ scrub, committer }: Opened | Awaited<ReturnType<typeof openOn>>): Promise<void> {
  for (let from: SegmentPlace | undefined = BEGINNING; from !== undefined; )
    from = (await scrub.step(from)).next;
  await committer.flush();
}

async function lived(given: readonly Step[], failAt: number | undefined): Promise<CrashingStore> {
  const node = await openOn(new CrashingStore());
  const { store, committer } = node;
  const answers: Promise<unknown>[] = [];
  for (const [i, step] of given.entries()) {
    if (i === failAt) store.failNextWrite({ applied: step.value === 0 });
    answers.push(take(step, node).catch(() => undefined));
    if (step.next === 'flush') await committer.flush().catch(() => undefined);
    if (step.next === 'end tick') await Promise.resolve();
  }
  await Promise.all(answers);
  await settled();
  return store;
}

test('killed at any batch, the store is sound, and the next process sees no drift in it', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async history => {
      const sound = history.steps.filter(({ does }) => !does.startsWith('lose'));
      for (const { store } of (await lived(sound, history.failAt)).left) {
        const wrong = await unsound(store);
        expect(wrong.filter(text => !text.endsWith('is in doubt'))).toEqual([]);
        const again = await openOn(store);
        await pass(again);
        expect(await unsound(store)).toEqual([]);
        expect(again.metrics.snapshot().get('scrub.drift')).toBeUndefined();
      }
    }),
    { numRuns: 60 },
  );
});

test('also when the disk has lost rows, the next process has it sound after one pass', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async history => {
      for (const { store, harmed } of (await lived(history.steps, history.failAt)).left) {
        if (!harmed) continue;
        await pass(await openOn(store));
        expect(await unsound(store)).toEqual([]);
      }
    }),
    { numRuns: 40 },
  );
});
