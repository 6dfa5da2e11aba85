/**
 * Frames as they are written down: both dialects carry what a link gives them, and take nothing else for a
 * frame.
 */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer, Ask, Requests } from '../../src/wire/frame.ts';
import { loadMessages } from '../../src/wire/messages.ts';
import { peerDialect } from '../../src/wire/peer-dialect.ts';
import { PIPELINE_METHOD, pipelineDialect } from '../../src/wire/pipeline-dialect.ts';
import { loadProtos } from '../../src/wire/protos.ts';

const messages = loadMessages();
const { kv } = loadProtos();
const peer = peerDialect(messages);
const pipeline = pipelineDialect(messages, { epoch: () => 7 });
const METHODS = Object.values(PIPELINE_METHOD);

const bytes = fc.uint8Array({ maxLength: 40 }).map(array => Buffer.from(array));
const budgetMs = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const plain = <T>(message: T): T => ({ ...message });

describe('between nodes', () => {
  const ids = fc.integer({ min: 1, max: 2 ** 32 - 1 });
  const asks: fc.Arbitrary<Ask> = fc.record({
    id: ids,
    method: fc.integer({ min: 0, max: 6 }),
    budgetMs,
    body: bytes,
    more: fc.boolean(),
  });
  const answers: fc.Arbitrary<Answer> = fc.record({
    id: ids,
    body: bytes,
    failed: fc.boolean(),
    more: fc.boolean(),
  });
  const sentAt = fc.double({ min: 0, max: 1e12, noNaN: true });

  test('a frame arrives as it was sent', () => {
    fc.assert(
      fc.property(
        sentAt,
        fc.array(asks),
        fc.array(ids),
        fc.array(answers),
        (at, asked, cancels, answered) => {
          const requests = peer.decodeRequests(peer.encodeRequests({ sentAt: at, asks: asked, cancels }))!;
          expect(requests.sentAt).toBeCloseTo(at, 3);
          expect([requests.asks.map(plain), requests.cancels]).toEqual([asked, cancels]);
          const responses = peer.decodeResponses(peer.encodeResponses({ sentAt: at, answers: answered }))!;
          expect(responses.answers.map(plain)).toEqual(answered);
        },
      ),
    );
  });

  test('a method of a later version arrives as its number', () => {
    const ask = { id: 1, method: 99, budgetMs: 0, body: Buffer.alloc(0), more: false };
    const arrived = peer.decodeRequests(peer.encodeRequests({ sentAt: 0, asks: [ask], cancels: [] }));
    expect(arrived?.asks.map(plain)).toEqual([ask]);
  });
});

describe('on a pipeline', () => {
  const ids = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const asks: fc.Arbitrary<Ask> = fc.record({
    id: ids,
    method: fc.constantFrom(...METHODS),
    budgetMs,
    body: bytes,
    more: fc.constant(false),
  });
  const answers: fc.Arbitrary<Answer> = fc.record({
    id: ids,
    method: fc.constantFrom(...METHODS),
    body: bytes,
    failed: fc.constant(false),
    more: fc.constant(false),
  });

  test('a frame arrives as it was sent, with the epoch of the ring', () => {
    fc.assert(
      fc.property(fc.array(asks), fc.array(ids), fc.array(answers), (asked, cancels, answered) => {
        const frame: Requests = { sentAt: undefined, asks: asked, cancels };
        expect(pipeline.decodeRequests(pipeline.encodeRequests(frame))).toEqual(frame);
        const epochs: number[] = [];
        const client = pipelineDialect(messages, { onEpoch: epoch => epochs.push(epoch) });
        const sent = pipeline.encodeResponses({ sentAt: undefined, answers: answered });
        expect([client.decodeResponses(sent)?.answers, epochs]).toEqual([answered, [7]]);
      }),
    );
  });

  test('a failure is one, whatever was asked', () => {
    const failure = messages.failure.encode({ status: 3, reason: 'BAD_KEY' });
    const answer = { id: 5, method: PIPELINE_METHOD.Put, body: failure, failed: true, more: false };
    const sent = pipeline.encodeResponses({ sentAt: undefined, answers: [answer] });
    expect(pipeline.decodeResponses(sent)?.answers).toEqual([
      { id: 5, body: failure, failed: true, more: false },
    ]);
  });

  test('what another client writes by the public definition is the same frame', () => {
    const get = { bucket: 'carts', key: 'ann', r: 2 };
    const ops = [
      { id: 9, budgetMs: 50, get },
      { id: 8, delete: { bucket: 'b', key: 'k' } },
      { id: 9, cancel: true },
    ];
    const frame = pipeline.decodeRequests(kv.Pipeline.requestSerialize({ ops }))!;
    expect(frame.asks).toMatchObject([
      { id: 9, budgetMs: 50, method: PIPELINE_METHOD.Get },
      { id: 8, budgetMs: 0, method: PIPELINE_METHOD.Delete },
    ]);
    expect(frame.cancels).toEqual([9]);
    expect(messages.getRequest.decode(frame.asks[0]!.body)).toMatchObject(get);
  });

  test('an operation without a call, or of a later version, has no method', () => {
    const op = Buffer.from([0x0a, 6, 0x08, 3, 0xfa, 0x01, 1, 1]);
    expect(pipeline.decodeRequests(op)?.asks).toMatchObject([{ id: 3, method: 0 }]);
    expect(
      pipeline.decodeRequests(messages.pipelineRequest.encode({ ops: [{ id: 4 }] }))?.asks,
    ).toMatchObject([{ id: 4, method: 0 }]);
  });

  test('an id beyond 2^53 is none that a link takes', () => {
    const huge = Buffer.from([0x0a, 11, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
    expect(pipeline.decodeRequests(huge)?.asks[0]?.id).toBeGreaterThan(pipeline.idMax);
  });
});

test.each([
  ['nodes', peer],
  ['clients', pipeline],
])('between %s, bytes of any kind are a frame or none: nothing is thrown', (_, dialect) => {
  const ask = { id: 1, method: 4, budgetMs: 9, body: Buffer.from('body'), more: false };
  const whole = dialect.encodeRequests({ sentAt: 5, asks: [ask, ask], cancels: [3, 4] });
  const hostile = fc.oneof(
    bytes,
    fc.nat(whole.length - 1).map(length => whole.subarray(0, length)),
    fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => whole.with(at, byte)),
  );
  fc.assert(
    fc.property(hostile, changed => {
      for (const frame of [dialect.decodeRequests(changed), dialect.decodeResponses(changed)])
        expect(['undefined', 'object']).toContain(typeof frame);
    }),
    { numRuns: 2000 },
  );
});
