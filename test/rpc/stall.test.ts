/** What a node that stood still takes for fresh, and must not (I10). */
import { status } from '@grpc/grpc-js';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Clock } from '../../src/ports/clock.ts';
import { StallWatch } from '../../src/rpc/stall.ts';
import { ask, failureOf, plainClient, protos, shoalFailureOf } from '../support/grpc.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { fakeRequests, openDoor, WRITTEN } from './support.ts';

/** Beats are 25 ms apart. */
const BEAT_MS = 25;

/** Time that also passes while the process stands still: then no timer is due until it goes on. */
class StallingClock extends VirtualClock implements Clock {
  #stoodMs = 0;

  override now(): number {
    return super.now() + this.#stoodMs;
  }

  standStill(ms: number): void {
    this.#stoodMs += ms;
  }
}

function watched(): { clock: StallingClock; watch: StallWatch } {
  const clock = new StallingClock();
  const watch = new StallWatch(clock);
  onTestFinished(() => watch.stop());
  return { clock, watch };
}

test.each([
  ['no time', 0, 0],
  ['a little', 49, 0],
  ['just enough to count', 51, 51 + BEAT_MS],
  ['two seconds', 2000, 2000 + BEAT_MS],
])(
  'a process that stood still for %s ages what it reads by %s ms or a beat more',
  async (_, stoodMs, ageMs) => {
    const { clock, watch } = watched();
    await clock.pass(10 * BEAT_MS);
    expect(watch.age()).toBe(0);
    clock.standStill(stoodMs);
    await clock.pass(BEAT_MS - 1);
    const readFirst = watch.age();
    await clock.pass(1); // the beat is late
    expect([readFirst, watch.age()]).toEqual(ageMs === 0 ? [0, 0] : [ageMs - 1, ageMs]);
    await clock.pass(BEAT_MS - 1);
    expect(watch.age()).toBe(ageMs);
    await clock.pass(1); // and this one in time
    expect(watch.age()).toBe(0);
  },
);

test('it stands still again over what had waited: that is as old as the longer of the two', async () => {
  const { clock, watch } = watched();
  clock.standStill(2000);
  await clock.pass(BEAT_MS);
  clock.standStill(300);
  await clock.pass(BEAT_MS);
  expect(watch.age()).toBe(2000 + BEAT_MS);
  await clock.pass(BEAT_MS);
  expect(watch.age()).toBe(0);
});

test('a watch that is stopped beats no more', async () => {
  const { clock, watch } = watched();
  await clock.pass(BEAT_MS);
  watch.stop();
  expect(clock.pending).toBe(0);
});

test.each([
  ['Put', protos.kv.Put, { bucket: 'b', key: 'k', value: { text: 'v' } }],
  ['Delete', protos.kv.Delete, { bucket: 'b', key: 'k' }],
])(
  'a %s as old as its deadline is refused unexecuted, one with time left is not',
  async (_, method, message) => {
    const clock = new StallingClock();
    const write = vi.fn(async () => WRITTEN);
    const { address } = await openDoor({ clock, requests: fakeRequests({ put: write, delete: write }) });
    const client = plainClient(address);
    clock.standStill(20_000);
    const error = await failureOf(ask(client, { method, message, withinMs: 20_000 }).reply);
    expect(error.code).toBe(status.DEADLINE_EXCEEDED);
    expect(await shoalFailureOf(Promise.reject(error))).toMatchObject({
      reason: 'EXPIRED',
      outcome: 'not applied',
    });
    expect(write).not.toHaveBeenCalled();
    await ask(client, { method, message, withinMs: 40_000 }).reply;
    expect(write).toHaveBeenCalledOnce();
  },
);
