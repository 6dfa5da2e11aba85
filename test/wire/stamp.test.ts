/** A stamp is encoded and read once as long as it stays the same, and never longer. */
import { expect, test } from 'vitest';
import { nodeName } from '../../src/base/ids.ts';
import type { Stamp } from '../../src/ports/stamp.ts';
import { loadMessages } from '../../src/wire/messages.ts';
import { StampReader, StampWriter } from '../../src/wire/stamp.ts';
import { STAMP } from '../support/samples.ts';

const messages = loadMessages();
const CHANGES: readonly Partial<Stamp>[] = [
  { epoch: 2 },
  { ringDigest: 'cd'.repeat(16) },
  { sender: nodeName('n9') },
  { recipient: nodeName('n9') },
  { bootId: '0b'.repeat(16) as Stamp['bootId'] },
  { clusterId: 'ff'.repeat(8) as Stamp['clusterId'] },
];

test('the same stamp is encoded once, any other anew', () => {
  const writer = new StampWriter(messages);
  const bytes = writer.bytesOf(STAMP);
  expect(writer.bytesOf({ ...STAMP })).toBe(bytes);
  for (const change of CHANGES) {
    const other = { ...STAMP, ...change };
    expect(new StampReader(messages).read(writer.bytesOf(other))).toEqual(other);
  }
  expect(writer.bytesOf(STAMP)).toEqual(bytes);
});

test('however many senders there are, each stamp is read as what it says', () => {
  const reader = new StampReader(messages);
  const stamps = Array.from({ length: 50 }, (_, i) => ({ ...STAMP, sender: nodeName(`n${i}`) }));
  for (const stamp of [...stamps, ...stamps, STAMP, STAMP]) {
    expect(reader.read(new StampWriter(messages).bytesOf(stamp))).toEqual(stamp);
  }
});

test('what is kept of a stamp is no part of the frame it came in', () => {
  const reader = new StampReader(messages);
  const bytes = new Uint8Array(new StampWriter(messages).bytesOf(STAMP));
  const frame = new Uint8Array(bytes);
  expect(reader.read(frame)).toEqual(STAMP);
  frame.fill(0);
  expect(reader.read(bytes)).toEqual(STAMP);
  expect(reader.read(frame)).toBeUndefined();
});
