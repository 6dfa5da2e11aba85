import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadMessages } from '../../src/wire/messages.ts';
import { hasFewParts } from '../../src/wire/parts.ts';
import { peerDialect } from '../../src/wire/peer-dialect.ts';
import { pipelineDialect } from '../../src/wire/pipeline-dialect.ts';

const MIB = 1024 * 1024;
const messages = loadMessages();
const DIALECTS = [
  ['between nodes', peerDialect(messages)],
  ['of clients', pipelineDialect(messages)],
] as const;

describe.each(DIALECTS)('a frame %s', (_, dialect) => {
  const frameOf = (count: number, bytes: number) => {
    const body = Buffer.alloc(bytes);
    const asks = Array.from({ length: count }, (__, i) => ({
      id: i + 1,
      method: 3,
      budgetMs: 1,
      body,
      more: false,
    }));
    return dialect.encodeRequests({ sentAt: 1, asks, cancels: [] });
  };

  test.each([
    [8000, 10],
    [4, MIB],
    [1, 4 * MIB],
    [1000, 500],
  ])('of %i requests of %i bytes is read', (count, bytes) => {
    expect(dialect.decodeRequests(frameOf(count, bytes))?.asks).toHaveLength(count);
  });

  test('of 20 000 requests is none', () => {
    expect(dialect.decodeRequests(frameOf(20_000, 0))).toBeUndefined();
  });

  test.each([0x0a, 0x0b, 0x0d, 0x12, 0x13, 0x15])(
    'of 4 MiB in parts of two bytes, with the tag %i, is none, nor is it read',
    tag => {
      const bytes = Buffer.alloc(4 * MIB, Buffer.from([tag, 0]));
      expect(hasFewParts(bytes)).toBe(false);
      expect(dialect.decodeRequests(bytes)).toBeUndefined();
      expect(dialect.decodeResponses(bytes)).toBeUndefined();
    },
  );
});

test('whatever the bytes are, counting comes to an end', () => {
  const large = fc.uint8Array({ minLength: 1, maxLength: 300 }).map(bytes => Buffer.alloc(40_000, bytes));
  fc.assert(
    fc.property(large, bytes => {
      expect([true, false]).toContain(hasFewParts(bytes));
    }),
    { seed: 3, numRuns: 200 },
  );
});
