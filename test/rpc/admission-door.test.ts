/**
 * A flood at a real door, over a stream and call by call: what is refused was never begun, and costs its
 * sender no guess.
 */
import { expect, test } from 'vitest';
import { CLIENTS_BEGUN } from '../../src/core/overload/begun-limit.ts';
import type { Call } from '../../src/ports/call.ts';
import type { GetReply } from '../../src/ports/requests.ts';
import { CLIENT_LIMITS, PIPELINE_CALLS_MAX } from '../../src/rpc/client-door.ts';
import { Counters } from '../../src/system/counters.ts';
import { PUSHBACK_HEADER } from '../../src/wire/status.ts';
import { ask, failureOf, plainClient, protos, shoalFailureOf } from '../support/grpc.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { rawPipeline, soon } from './stream-support.ts';
import { fakeRequests, openDoor, REPLICAS } from './support.ts';

const FOUND: GetReply = { siblings: [], context: Buffer.from('seen'), replicas: REPLICAS };

/** Answers when it is told to. */
class HeldGets {
  readonly calls: Call[] = [];
  #release: () => void = () => {};
  readonly #released = new Promise<void>(resolve => {
    this.#release = resolve;
  });

  readonly get = async (_: unknown, call: Call): Promise<GetReply> => {
    this.calls.push(call);
    await this.#released;
    return FOUND;
  };

  release(): void {
    this.#release();
  }
}

const get = (id: number, budgetMs: number) => ({ id, budgetMs, get: { bucket: 'b', key: `k${id}` } });

test('of a thousand reads in one frame some are begun; the others wait, and are refused when they have waited too long', async () => {
  const held = new HeldGets();
  const metrics = new Counters();
  const { address } = await openDoor({ requests: fakeRequests({ get: held.get }), metrics });
  const pipeline = rawPipeline(address);
  pipeline.send(...Array.from({ length: 1_000 }, (_, index) => get(index + 1, 10_000)));
  await soon(() => pipeline.results.length > 0 && pipeline.results.length + held.calls.length === 1_000);
  const begun = held.calls.length;
  expect(begun).toBeLessThanOrEqual(CLIENTS_BEGUN.max);
  const failures = pipeline.results.map(({ failure }) => [failure?.reason, failure?.metadata.outcome]);
  expect(new Set(failures.map(failure => failure.join(': ')))).toEqual(new Set(['OVERLOADED: not applied']));
  expect(pipeline.results[0]!.failure!.metadata).toHaveProperty('retry-pushback-ms');
  const told = Object.fromEntries(metrics.snapshot());
  expect(told).toMatchObject({ 'request.overloaded': 1_000 - begun, 'door.clients.begun': begun });
  expect(told['door.clients.begun-max']).toBeGreaterThanOrEqual(CLIENTS_BEGUN.min);
  expect(told).toMatchObject({ 'door.clients.waiting': 0, 'loop.late-ms': expect.any(Number) });
  held.release();
  await soon(() => pipeline.results.length === 1_000);
  expect(pipeline.results.filter(({ failure }) => failure === null || failure === undefined)).toHaveLength(
    begun,
  );
  expect(held.calls).toHaveLength(begun);
});

test('what was given up or has expired while it waited is never begun', async () => {
  const held = new HeldGets();
  const { address } = await openDoor({
    requests: fakeRequests({ get: held.get }),
    limits: { calls: 100, bytes: 100_000, begun: { first: 1, min: 1, max: 1 } },
  });
  const pipeline = rawPipeline(address);
  pipeline.send(get(1, 10_000), get(2, 10_000), get(3, 10), get(4, 10_000), { id: 2, cancel: true });
  await pipeline.result(3);
  held.release();
  await pipeline.result(1);
  await pipeline.result(4);
  expect(pipeline.results.find(({ id }) => id === 3)?.failure?.reason).toBe('EXPIRED');
  // The fourth was begun, or had waited too long by then; the second and the third were not.
  expect(held.calls.length).toBeLessThanOrEqual(2);
});

test('a client that asks and gives up, in turn, does not fill the door; nor does one stream', async () => {
  const held = new HeldGets();
  const metrics = new Counters();
  const { address } = await openDoor({
    // Time stands still: nothing has waited too long.
    clock: new VirtualClock(),
    requests: fakeRequests({ get: held.get }),
    limits: { calls: 3, bytes: 100_000, begun: { first: 1, min: 1, max: 1 } },
    metrics,
  });
  const pipeline = rawPipeline(address);
  pipeline.send(get(1, 10_000), get(50, 10_000));
  for (let id = 2; id < 50; id++) pipeline.send(get(id, 10_000), { id, cancel: true });
  await soon(() => metrics.snapshot().get('request.cancelled') === 48);
  held.release();
  expect((await pipeline.result(50)).outcome).toBe('get');
  expect(PIPELINE_CALLS_MAX * 4).toBeLessThanOrEqual(CLIENT_LIMITS.calls);
});

test('call by call the same: OVERLOADED, not applied, and when to come again', async () => {
  const held = new HeldGets();
  const { address } = await openDoor({
    requests: fakeRequests({ get: held.get }),
    limits: { calls: 100, bytes: 100_000, begun: { first: 1, min: 1, max: 1 } },
  });
  const client = plainClient(address);
  const asked = () => ask(client, { method: protos.kv.Get, message: { bucket: 'b', key: 'k' } }).reply;
  const first = asked();
  const refused = asked();
  expect(await shoalFailureOf(refused)).toMatchObject({ reason: 'OVERLOADED', outcome: 'not applied' });
  expect((await failureOf(refused)).metadata.get(PUSHBACK_HEADER)).toHaveLength(1);
  held.release();
  await first;
  expect(held.calls).toHaveLength(1);
});
