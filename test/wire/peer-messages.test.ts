/** What nodes say to each other survives the wire, and nothing foreign is believed or thrown over. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeName, partition } from '../../src/base/ids.ts';
import { NO_DIGEST } from '../../src/core/record/codec.ts';
import { placeKey } from '../../src/core/ring/placement.ts';
import { HAND_OFF_BYTES_MAX, HAND_OFF_RECORDS_MAX, type Located } from '../../src/ports/replica.ts';
import {
  handOffReplyMessage,
  handOffRequestMessage,
  readHandOffReply,
  readHandOffRequest,
} from '../../src/wire/hand-off-messages.ts';
import { type Codec, loadMessages } from '../../src/wire/messages.ts';
import {
  applyReplyMessage,
  applyRequestMessage,
  readApplyReply,
  readApplyRequest,
  readReadReply,
  readReadRequest,
  readReplyMessage,
  readRequestMessage,
} from '../../src/wire/replica-messages.ts';
import {
  readScanReply,
  readScanRequest,
  scanReplyMessage,
  scanRequestMessage,
} from '../../src/wire/scan-messages.ts';
import { StampReader, StampWriter } from '../../src/wire/stamp.ts';
import { PLACE, STAMP, sampleRecord } from '../support/samples.ts';

const messages = loadMessages();
const stamp = new StampWriter(messages).bytesOf(STAMP);
const readStamp = (bytes: Uint8Array) => new StampReader(messages).read(bytes);
const record = sampleRecord();
const read = { place: PLACE, digestOnly: false };
const scan = { partition: PLACE.partition, after: Buffer.from('after') };

/** As it arrives. */
const carry = <I, O>(codec: Codec<I, O>, message: I): O => codec.decode(codec.encode(message));

describe('a sound message arrives as it was sent', () => {
  test('a stamp', () => {
    expect(readStamp(carry(messages.readRequest, readRequestMessage(read, stamp)).stamp)).toEqual(STAMP);
  });

  test.each([true, false])('a read, digestOnly %s', digestOnly => {
    const request = { place: PLACE, digestOnly };
    expect(readReadRequest(carry(messages.readRequest, readRequestMessage(request, stamp)))).toEqual(request);
  });

  test.each([
    ['with the record', read, { digest: record.digest, record, recovering: false }],
    [
      'with the digest only',
      { ...read, digestOnly: true },
      { digest: record.digest, record: undefined, recovering: true },
    ],
    ['of no row', read, { digest: NO_DIGEST, record: undefined, recovering: false }],
  ])("a read's reply %s", (_, request, reply) => {
    expect(readReadReply(carry(messages.readResponse, readReplyMessage(reply)), request)).toEqual(reply);
  });

  test.each([undefined, nodeName('n3')])('an apply that stands in for %s', standsInFor => {
    const request = { place: PLACE, record, standsInFor };
    expect(readApplyRequest(carry(messages.applyRequest, applyRequestMessage(request, stamp)))).toEqual(
      request,
    );
  });

  test.each([
    ['that what was sent is what is there', []],
    ['of a row that holds more', record.record.vector],
  ])("an apply's reply %s", (_, vector) => {
    const reply = { digest: record.digest, vector, recovering: true };
    expect(readApplyReply(carry(messages.applyResponse, applyReplyMessage(reply)))).toEqual(reply);
  });

  test('a scan and its page', () => {
    expect(readScanRequest(carry(messages.scanRequest, scanRequestMessage(scan, stamp)))).toEqual(scan);
    const page = { records: [{ place: PLACE, record }], next: Buffer.from('next') };
    expect(readScanReply(carry(messages.scanResponse, scanReplyMessage(page)), scan)).toEqual(page);
  });
});

describe('what a sound peer would not send is refused', () => {
  const stampOf = (change: object) =>
    readStamp(
      messages.stamp.encode({
        clusterId: STAMP.clusterId,
        epoch: 1,
        ringDigest: 'ab',
        sender: 'n1',
        recipient: 'n2',
        bootId: '0a'.repeat(16),
        ...change,
      }),
    );

  test.each([
    ['no stamp', null],
    ['an epoch of NaN', { epoch: Number.NaN }],
    ['an epoch of 2^53', { epoch: 2 ** 53 }],
    ['an epoch of 0', { epoch: 0 }],
    ['a cluster that is no id', { clusterId: 'x'.repeat(16) }],
    ['no cluster', { clusterId: '' }],
    ['a digest of 1 MiB', { ringDigest: 'a'.repeat(2 ** 20) }],
    ['no sender', { sender: '' }],
    ['no recipient', { recipient: '' }],
    ['no process', { bootId: '' }],
    ['a sender that was no UTF-8', { sender: 'n\uFFFD' }],
  ])('a stamp with %s', (_, change) => {
    expect(change === null ? readStamp(Buffer.alloc(0)) : stampOf(change)).toBeUndefined();
  });

  test.each([
    ['', 'key'],
    ['bucket', ''],
    ['b', 'k'.repeat(1025)],
    ['b'.repeat(256), 'k'],
    ['b', 'k\uFFFD'],
    ['b', 'k\0'],
  ])('names that no client could have written: %j %j', (bucket, key) => {
    expect(readReadRequest({ stamp: Buffer.alloc(0), bucket, key, digestOnly: false })).toBeUndefined();
  });

  test('a record of another key, or with one bit flipped', () => {
    const message = { stamp: Buffer.alloc(0), bucket: PLACE.bucket, key: PLACE.key, standsInFor: '' };
    const other = sampleRecord(placeKey({ bucket: 'carts', key: 'bob' }));
    expect(readApplyRequest({ ...message, record: Buffer.from(other.bytes) })).toBeUndefined();
    for (let at = 0; at < record.bytes.byteLength; at++) {
      const flipped = Buffer.from(record.bytes);
      flipped[at]! ^= 1 << (at % 8);
      expect(readApplyRequest({ ...message, record: flipped })).toBeUndefined();
    }
  });

  test("a reply with another digest than its record's, or without the record that was asked for", () => {
    const whole = {
      digest: Buffer.from(record.digest),
      record: Buffer.from(record.bytes),
      recovering: false,
    };
    expect(readReadReply({ ...whole, digest: Buffer.alloc(16, 1) }, read)).toBeUndefined();
    expect(readReadReply({ ...whole, record: Buffer.alloc(0) }, read)).toBeUndefined();
    expect(readReadReply({ ...whole, digest: Buffer.alloc(0) }, read)).toBeUndefined();
    expect(readReadReply({ ...whole, digest: Buffer.alloc(15) }, read)).toBeUndefined();
  });

  test.each([
    ['without a digest', { digest: Buffer.alloc(0) }],
    ['with a vector cut short', { vector: Buffer.alloc(3) }],
    ['with more than a vector', { vector: Buffer.alloc(5) }],
  ])("an apply's reply %s", (_, change) => {
    const sound = { digest: Buffer.from(record.digest), vector: Buffer.alloc(0), recovering: false };
    expect(readApplyReply(sound)).toBeDefined();
    expect(readApplyReply({ ...sound, ...change })).toBeUndefined();
  });

  test('a batch of which one record was damaged on the way is taken without it, and says so', () => {
    const places = ['a', 'b', 'c'].map(key => placeKey({ bucket: 'carts', key }));
    const sent = places.map(place => ({ place, record: sampleRecord(place) }));
    const message = carry(messages.handOffRequest, handOffRequestMessage(sent, stamp));
    message.records[1]!.record[20]! ^= 1;
    const read = readHandOffRequest(message);
    expect(read?.records).toEqual([sent[0], sent[2]]);
    const reply = read!.among({ held: [true, true] });
    expect(reply).toEqual({ held: [true, false, true] });
    expect(readHandOffReply(carry(messages.handOffResponse, handOffReplyMessage(reply)), sent)).toEqual(
      reply,
    );
  });

  test('a hand-off of more than one batch, or of nothing', () => {
    const request = (records: readonly Located[]) =>
      readHandOffRequest(carry(messages.handOffRequest, handOffRequestMessage(records, stamp)));
    const small = { place: PLACE, record: sampleRecord() };
    const large = { place: PLACE, record: sampleRecord(PLACE, Buffer.alloc(HAND_OFF_BYTES_MAX, 1)) };
    expect(request(Array.from({ length: HAND_OFF_RECORDS_MAX }, () => small))).toBeDefined();
    expect(request(Array.from({ length: HAND_OFF_RECORDS_MAX + 1 }, () => small))).toBeUndefined();
    expect(request([large])).toBeDefined();
    expect(request([large, small])).toBeUndefined();
    expect(request([])).toBeUndefined();
  });

  test.each([0, 2])('an answer of %d words about one record that was handed off', count => {
    const held = Array.from({ length: count }, () => true);
    expect(readHandOffReply({ held }, [{ place: PLACE, record: sampleRecord() }])).toBeUndefined();
  });

  test.each([256, 2 ** 32 - 1, Number.NaN, -1, 0.5])('a scan of partition %d', foreign => {
    expect(
      readScanRequest({ stamp: Buffer.alloc(0), partition: foreign, after: Buffer.alloc(0) }),
    ).toBeUndefined();
  });

  test('a page with a record of another partition', () => {
    const page = { records: [{ place: PLACE, record }], next: Buffer.alloc(0) };
    const message = carry(messages.scanResponse, scanReplyMessage(page));
    const asked = { partition: partition((PLACE.partition + 1) % 256), after: Buffer.alloc(0) };
    expect(readScanReply(message, asked)).toBeUndefined();
  });

  test('a page with more records than any page holds', () => {
    const { bucket, key } = PLACE;
    const located = { bucket, key, record: Buffer.from(record.bytes) };
    const message = { records: Array.from({ length: 100_001 }, () => located), next: Buffer.alloc(0) };
    expect(readScanReply(message, scan)).toBeUndefined();
  });
});

test('bytes of any kind are no message, or are refused, or read soundly: nothing is thrown', () => {
  const readers: readonly ((bytes: Buffer) => unknown)[] = [
    bytes =>
      [messages.readRequest.decode(bytes)].map(message => [
        readStamp(message.stamp),
        readReadRequest(message),
      ]),
    bytes => [messages.readResponse.decode(bytes)].map(message => readReadReply(message, read)),
    bytes => [messages.applyRequest.decode(bytes)].map(readApplyRequest),
    bytes => [messages.applyResponse.decode(bytes)].map(readApplyReply),
    bytes => [messages.scanRequest.decode(bytes)].map(readScanRequest),
    bytes => [messages.scanResponse.decode(bytes)].map(message => readScanReply(message, scan)),
    bytes => [messages.handOffRequest.decode(bytes)].map(readHandOffRequest),
    bytes => [messages.handOffResponse.decode(bytes)].map(message => readHandOffReply(message, [])),
  ];
  const whole = messages.applyRequest.encode(
    applyRequestMessage({ place: PLACE, record, standsInFor: undefined }, stamp),
  );
  const changed = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => {
    const bytes = Buffer.from(whole);
    bytes[at] = byte;
    return bytes;
  });
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map(array => Buffer.from(array)),
    changed,
  );
  fc.assert(
    fc.property(hostile, fc.constantFrom(...readers), (bytes, reader) => {
      try {
        reader(bytes);
      } catch (error) {
        expect((error as Error).stack).toContain('protobufjs');
      }
    }),
    { numRuns: 2000 },
  );
});
