import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type WriteId, writeId } from '../../src/base/ids.ts';
import type { PutRequest, WriteReply } from '../../src/ports/requests.ts';
import { loadProtos } from '../../src/wire/protos.ts';
import { getReplyMessage, readGetReply, readWriteReply, writeReplyMessage } from '../../src/wire/replies.ts';
import {
  deleteMessage,
  getMessage,
  putMessage,
  readDelete,
  readGet,
  readPut,
} from '../../src/wire/requests.ts';

const { kv } = loadProtos();

/** A put as it arrives when it was sent so. */
const sent = (message: Parameters<typeof kv.Put.requestSerialize>[0]) =>
  kv.Put.requestDeserialize(kv.Put.requestSerialize(message));

const bytes = fc.uint8Array({ maxLength: 40 }).map(array => Buffer.from(array));
const names = { bucket: fc.string({ unit: 'grapheme' }), key: fc.string({ unit: 'grapheme' }) };
const quorum = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const replicas = fc.record({ required: quorum, answered: quorum, fallback: quorum, unrepaired: quorum });
const siblings = fc.array(
  fc.record({
    value: bytes.map(content => Buffer.concat([Uint8Array.of(0), content])),
    writtenAtMs: fc.maxSafeNat(),
  }),
);

test('a put that is handed on arrives as it was', () => {
  const puts: fc.Arbitrary<PutRequest> = fc.record({
    ...names,
    value: bytes.map(content => Buffer.concat([Uint8Array.of(0), content])),
    context: bytes,
    w: quorum,
    strict: fc.boolean(),
    writeId: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 }).map(writeId), { nil: undefined }),
    overwrite: fc.constant(false),
  });
  fc.assert(
    fc.property(puts, put => {
      expect(readPut(sent(putMessage(put)))).toEqual(put);
    }),
  );
});

test('a get and a delete arrive as they were sent, r and w of 2^32-1 included', () => {
  const get = { bucket: 'b', key: 'k', r: 2 ** 32 - 1, strict: true };
  expect(readGet(kv.Get.requestDeserialize(kv.Get.requestSerialize(getMessage(get))))).toEqual(get);
  const remove = { bucket: 'b', key: 'k', context: Buffer.from([1]), w: 2 ** 32 - 1, strict: true };
  const message = kv.Delete.requestSerialize(deleteMessage(remove));
  expect(readDelete(kv.Delete.requestDeserialize(message))).toEqual(remove);
});

test('replies arrive as they were sent', () => {
  const replies: fc.Arbitrary<WriteReply> = fc.record({ context: bytes, replicas, siblings });
  fc.assert(
    fc.property(replies, reply => {
      const put = kv.Put.responseSerialize(writeReplyMessage(reply));
      expect(readWriteReply(kv.Put.responseDeserialize(put))).toEqual(reply);
      const get = kv.Get.responseSerialize(getReplyMessage(reply));
      expect(readGetReply(kv.Get.responseDeserialize(get))).toEqual(reply);
    }),
  );
});

test('a context together with overwrite is refused', () => {
  const put = sent({
    bucket: 'b',
    key: 'k',
    value: { text: '' },
    context: Buffer.from([1]),
    overwrite: true,
  });
  expect(() => readPut(put)).toThrow(expect.objectContaining({ reason: 'BAD_CONTEXT' }));
});

test.each([1, 15, 17, 1000])('a write id of %d bytes is refused', size => {
  const put = sent({ bucket: 'b', key: 'k', value: { text: '' }, writeId: Buffer.alloc(size) });
  expect(() => readPut(put)).toThrow(expect.objectContaining({ reason: 'BAD_VALUE' }));
});

test('without a write id one is left to be drawn', () => {
  expect(readPut(sent({ value: { text: 'x' } })).writeId).toBeUndefined();
  const id = '\xab'.repeat(16) as WriteId;
  expect(readPut(sent({ value: { text: 'x' }, writeId: Buffer.from(id, 'latin1') })).writeId).toBe(id);
});

test('unknown fields are passed over', () => {
  const message = kv.Put.requestSerialize({ bucket: 'b', key: 'k', value: { text: 'v' } });
  const field99 = Buffer.from([0x9a, 0x06, 0x03, 1, 2, 3]);
  expect(readPut(kv.Put.requestDeserialize(Buffer.concat([message, field99])))).toMatchObject({
    bucket: 'b',
    key: 'k',
  });
});

test('random bytes are a message that reads as a request or is refused with a reason, or no message at all', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), random => {
      let message: ReturnType<typeof kv.Put.requestDeserialize>;
      try {
        message = kv.Put.requestDeserialize(Buffer.from(random));
      } catch {
        return;
      }
      try {
        readPut(message);
      } catch (error) {
        expect(error).toMatchObject({ name: 'ShoalError' });
      }
    }),
    { numRuns: 500 },
  );
});
