/**
 * What the echo sends: messages of the shapes that KV and its pipeline have, but a definition of their own,
 * because a yardstick must not change with what it measures.
 */
import { fromJSON, type MethodDefinition, type ServiceDefinition } from '@grpc/proto-loader';
import protobuf from 'protobufjs';

/** A put, as a client of KV.Put sends it. */
export interface Put {
  readonly bucket: string;
  readonly key: string;
  readonly value: { readonly bytes: Uint8Array };
  readonly overwrite: boolean;
  readonly writeId: Uint8Array;
}

/**
 * The value comes back where a put's reply has its context: it is an echo, and in the shape of the shorter
 * reply.
 */
export interface PutReply {
  readonly context: Uint8Array;
  readonly replicas: { readonly required: number; readonly answered: number };
}

export interface Frame {
  readonly ops: readonly { readonly id: number; readonly budgetMs: number; readonly put: Put }[];
}

export interface ReplyFrame {
  readonly results: readonly { readonly id: number; readonly put: PutReply }[];
}

const { root } = protobuf.parse(`
  syntax = "proto3";
  package echo;
  service Echo {
    rpc Unary(Put) returns (PutReply);
    rpc Stream(stream Put) returns (stream PutReply);
    rpc Gathered(stream Frame) returns (stream ReplyFrame);
    rpc Lean(stream Frame) returns (stream ReplyFrame);
  }
  message Value { oneof kind { bytes bytes = 1; string text = 2; } }
  message Sibling { Value value = 1; int64 written_at_ms = 2; }
  message Replicas { uint32 required = 1; uint32 answered = 2; uint32 fallback = 3; uint32 unrepaired = 4; }
  message Put {
    string bucket = 1; string key = 2; Value value = 3; bytes context = 4; uint32 w = 5; bool strict = 6;
    bytes write_id = 7; bool overwrite = 8;
  }
  message PutReply { bytes context = 1; Replicas replicas = 2; repeated Sibling siblings = 3; }
  message Op { uint64 id = 1; uint32 budget_ms = 2; oneof call { Put put = 4; } }
  message Frame { repeated Op ops = 1; }
  message Result { uint64 id = 1; oneof outcome { PutReply put = 3; } }
  message ReplyFrame { repeated Result results = 1; }
`);

const loaded = fromJSON(root.toJSON(), { longs: Number, defaults: true, oneofs: true });
const service = loaded['echo.Echo'] as ServiceDefinition;

/** Encoded by proto-loader, as grpc-js comes: but for one. */
export const METHODS = {
  unary: service.Unary as MethodDefinition<Put, PutReply>,
  stream: service.Stream as MethodDefinition<Put, PutReply>,
  gathered: service.Gathered as MethodDefinition<Frame, ReplyFrame>,
  lean: leanly(service.Lean as MethodDefinition<Frame, ReplyFrame>),
};

export function echoOf({ value }: Put): PutReply {
  return { context: value.bytes, replicas: { required: 2, answered: 2 } };
}

/** Encoded by protobufjs itself, without what proto-loader wraps around it. */
function leanly(method: MethodDefinition<Frame, ReplyFrame>): MethodDefinition<Frame, ReplyFrame> {
  const [frame, reply] = [root.lookupType('echo.Frame'), root.lookupType('echo.ReplyFrame')];
  return {
    ...method,
    requestSerialize: message => frame.encode(message).finish() as Buffer,
    requestDeserialize: bytes => withNumbers(frame.decode(bytes) as unknown as Frame, ({ ops }) => ops),
    responseSerialize: message => reply.encode(message).finish() as Buffer,
    responseDeserialize: bytes =>
      withNumbers(reply.decode(bytes) as unknown as ReplyFrame, ({ results }) => results),
  };
}

/** A 64-bit number comes as two halves. */
function withNumbers<Message>(message: Message, parts: (of: Message) => readonly { id: number }[]): Message {
  for (const part of parts(message)) part.id = Number(part.id);
  return message;
}
