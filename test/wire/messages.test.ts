/**
 * The messages of the fast paths (src/wire/messages.ts) are, to the byte, those that proto-loader makes of
 * the same files.
 */
import { Buffer } from 'node:buffer';
import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { type Codec, decoded, loadMessages, type Messages } from '../../src/wire/messages.ts';

const PROTO = new URL('../../proto/', import.meta.url).pathname;
const FILES = ['shoal/v1/kv.proto', 'shoal/peer/v1/peer.proto'];
const SEED = 5;

const messages = loadMessages();
const loaded: PackageDefinition = loadSync(FILES, {
  longs: Number,
  defaults: true,
  oneofs: true,
  includeDirs: [PROTO],
});
const root = new protobuf.Root();
root.resolvePath = (_, target) => PROTO + target;
root.loadSync(FILES);

type Any = Record<string, unknown>;
interface Serializer {
  encode(message: Any): Uint8Array;
  decode(bytes: Uint8Array): Any;
}

/** Those whose messages are left as bytes. */
const OPAQUE = ['pipelineRequest', 'pipelineResponse'] as const;
const PLAIN = (Object.keys(messages) as (keyof Messages)[]).filter(
  name => !(OPAQUE as readonly string[]).includes(name),
);

function typeOf(name: string): protobuf.Type {
  const message = name[0]!.toUpperCase() + name.slice(1);
  return root.lookupType(message);
}

function theirs(type: protobuf.Type): Serializer {
  const definition = loaded[type.fullName.slice(1)] as MessageTypeDefinition<object, object>;
  return {
    encode: message => definition.serialize(message),
    decode: bytes => definition.deserialize(Buffer.from(bytes)) as Any,
  };
}

function ours(name: keyof Messages): Serializer {
  return messages[name] as unknown as Codec<Any, Any>;
}

/** Any message of a type: with fields at their defaults, absent, and at their limits. */
function anyOf(type: protobuf.Type, depth = 0): fc.Arbitrary<Any> {
  const free = type.fieldsArray.filter(field => field.partOf === null);
  const fields = free.map(
    field => [field.name, fc.option(valueIn(field, depth), { nil: undefined })] as const,
  );
  const alone = fc.record(Object.fromEntries(fields));
  const choices = type.oneofsArray.map(({ fieldsArray }) =>
    fc.option(
      fc.oneof(...fieldsArray.map(field => valueIn(field, depth).map(value => ({ [field.name]: value })))),
      { nil: {} },
    ),
  );
  return fc.tuple(alone, ...choices).map(parts => withoutAbsent(Object.assign({}, ...parts)));
}

function withoutAbsent(message: Any): Any {
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined));
}

function valueIn(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  field.resolve();
  const one =
    depth > 4 && field.resolvedType instanceof protobuf.Type ? fc.constant({}) : scalarOf(field, depth);
  if (field instanceof protobuf.MapField)
    return fc.dictionary(fc.string({ maxLength: 4 }), fc.string(), { noNullPrototype: true });
  return field.repeated ? fc.array(one, { maxLength: 3 }) : one;
}

function scalarOf({ type, resolvedType }: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  if (resolvedType instanceof protobuf.Type) return anyOf(resolvedType, depth + 1);
  if (resolvedType instanceof protobuf.Enum) return fc.constantFrom(...Object.values(resolvedType.values));
  const max = Number.MAX_SAFE_INTEGER;
  const scalars: Record<string, fc.Arbitrary<unknown>> = {
    string: fc.string({ unit: 'grapheme' }),
    bytes: fc.oneof(
      fc.constant(Buffer.alloc(0)),
      fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes)),
    ),
    bool: fc.boolean(),
    uint32: fc.oneof(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1), fc.nat()),
    uint64: fc.oneof(fc.constantFrom(0, 1, 2 ** 32, 2 ** 32 + 1, max), fc.nat()),
    int64: fc.oneof(fc.constantFrom(0, -1, 2 ** 32, max, -max), fc.integer()),
    double: fc.oneof(fc.constantFrom(0, 0.5, -1, 1e300), fc.double({ noNaN: true })),
  };
  const scalar = scalars[type];
  if (scalar === undefined) throw new Error(`no values of type ${type}: add some`);
  return scalar;
}

/** All that can be read of it: own fields and defaults alike, bytes as text; of a oneof only what is set. */
function readOf(message: unknown, type: protobuf.Type): unknown {
  const read = (field: protobuf.Field, value: unknown): unknown => {
    if (value === undefined || value === null) return undefined;
    if (Array.isArray(value)) return value.map(each => read(field, each));
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    if (field instanceof protobuf.MapField) return { ...(value as object) };
    if (field.resolvedType instanceof protobuf.Type) return readOf(value, field.resolvedType);
    return field.resolvedType instanceof protobuf.Enum
      ? (field.resolvedType.values[value as string] ?? value)
      : value;
  };
  const fields = type.fieldsArray.map(field => [
    field.name,
    read(field.resolve() as protobuf.Field, (message as Any)[field.name]),
  ]);
  return withoutAbsent(Object.fromEntries(fields));
}

describe('a message', () => {
  test.each(PLAIN)('%s is written and read as by proto-loader', name => {
    const type = typeOf(name);
    const [mine, other] = [ours(name), theirs(type)];
    fc.assert(
      fc.property(anyOf(type), message => {
        const bytes = mine.encode(message);
        expect(Buffer.from(bytes).equals(other.encode(message))).toBe(true);
        expect(readOf(mine.decode(bytes), type)).toEqual(readOf(other.decode(bytes), type));
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  test.each(PLAIN)('%s without anything reads as its defaults', name => {
    const type = typeOf(name);
    const nothing = Buffer.alloc(0);
    expect(readOf(ours(name).decode(nothing), type)).toEqual(readOf(theirs(type).decode(nothing), type));
    expect(ours(name).encode({})).toHaveLength(0);
  });

  test.each(PLAIN)('%s: random bytes are refused or read, never anything else', name => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        expect(typeof (decoded(ours(name) as Codec<never, unknown>, bytes) ?? {})).toBe('object');
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  test('a member of a oneof that is absent reads as undefined, bytes that are absent as none', () => {
    const sibling = messages.getResponse.decode(
      messages.getResponse.encode({ siblings: [{}, { value: {} }] }),
    );
    expect(sibling.siblings.map(({ value }) => [value?.bytes, value?.text])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(sibling.context).toEqual(Buffer.alloc(0));
    const empty = messages.putRequest.decode(
      messages.putRequest.encode({ value: { bytes: Buffer.alloc(0) } }),
    );
    expect(empty.value?.bytes).toEqual(Buffer.alloc(0));
  });
});

describe('a frame of KV.Pipeline, with what it carries left as bytes', () => {
  const [requestType, responseType] = [typeOf('pipelineRequest'), typeOf('pipelineResponse')];
  const CARRIED = { get: 'Get', put: 'Put', delete: 'Delete', failure: 'Failure' } as const;

  /** What a field of an operation or of a result holds, as bytes. */
  function sealed(of: 'Request' | 'Response') {
    return ([field, value]: [string, unknown]): [string, unknown] => {
      const name = CARRIED[field as keyof typeof CARRIED];
      if (name === undefined) return [field, value];
      const codec = name === 'Failure' ? messages.failure : messages[`${name.toLowerCase() as 'get'}${of}`];
      return [field, codec.encode(value as never)];
    };
  }

  function opaque(parts: unknown, of: 'Request' | 'Response'): readonly Any[] {
    return ((parts ?? []) as Any[]).map(part => Object.fromEntries(Object.entries(part).map(sealed(of))));
  }

  test('of requests: the very bytes, and back', () => {
    fc.assert(
      fc.property(anyOf(requestType), message => {
        const ops = opaque(message.ops, 'Request');
        const bytes = messages.pipelineRequest.encode({ ops: ops as never });
        expect(bytes.equals(Buffer.from(theirs(requestType).encode(message)))).toBe(true);
        const read = messages.pipelineRequest.decode(bytes).ops as unknown as readonly Any[];
        expect(read.map(fieldsSet)).toEqual(ops.map(fieldsSet));
      }),
      { seed: SEED, numRuns: 150 },
    );
  });

  test('of results: the very bytes, and back', () => {
    fc.assert(
      fc.property(anyOf(responseType), message => {
        const { epoch = 0, draining = false } = message as { epoch?: number; draining?: boolean };
        const results = opaque(message.results, 'Response');
        const bytes = messages.pipelineResponse.encode({ ...message, results } as never);
        expect(bytes.equals(Buffer.from(theirs(responseType).encode(message)))).toBe(true);
        const read = messages.pipelineResponse.decode(bytes);
        expect((read.results as unknown as readonly Any[]).map(fieldsSet)).toEqual(results.map(fieldsSet));
        expect([read.epoch, read.draining]).toEqual([epoch, draining]);
      }),
      { seed: SEED, numRuns: 150 },
    );
  });

  test.each([1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER])('the id %i goes and comes', id => {
    const bytes = messages.pipelineRequest.encode({ ops: [{ id, cancel: true }] });
    expect(bytes.equals(Buffer.from(theirs(requestType).encode({ ops: [{ id, cancel: true }] })))).toBe(true);
    expect(messages.pipelineRequest.decode(bytes).ops).toMatchObject([{ id, cancel: true }]);
  });

  test('an id beyond 2^53 is read as a number that no id is', () => {
    const bytes = Buffer.from('0a0b08ffffffffffffffffff01', 'hex');
    const [op] = messages.pipelineRequest.decode(bytes).ops;
    expect(Number.isSafeInteger(op!.id)).toBe(false);
  });
});

/** Ids, and of a oneof what is set, bytes as text. */
function fieldsSet(part: Any): Any {
  const { id = 0, budgetMs = 0, ...rest } = part;
  const shown = Object.entries(rest).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  ]);
  return { id, budgetMs, ...Object.fromEntries(shown) };
}
