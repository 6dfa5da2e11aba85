/**
 * Streams as anybody might open them, with nothing of src/link behind: frames as bytes, or the messages of
 * the public definition.
 */
import type { Buffer } from 'node:buffer';
import { Client, type ClientDuplexStream, credentials, type StatusObject } from '@grpc/grpc-js';
import { onTestFinished, vi } from 'vitest';
import type { Op } from '../../src/gen/shoal/v1/Op.ts';
import type { Result__Output } from '../../src/gen/shoal/v1/Result.ts';
import type { Failure } from '../../src/wire/status.ts';
import { protos } from '../support/grpc.ts';

/** Waits until it holds, as long as only what hangs would take. */
export function soon<T>(holds: () => T): Promise<NonNullable<T>> {
  return vi.waitUntil(holds, { timeout: 20_000 }) as Promise<NonNullable<T>>;
}

const MIB = 1024 * 1024;

export interface RawStream {
  readonly stream: ClientDuplexStream<Buffer, Buffer>;
  /** All that came, in order. */
  readonly frames: readonly Buffer[];
  readonly ended: Promise<StatusObject>;
}

export function rawStream(address: string, path: string): RawStream {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': 64 * MIB,
  });
  const same = (bytes: Buffer) => bytes;
  const stream = client.makeBidiStreamRequest<Buffer, Buffer>(path, same, same);
  const frames: Buffer[] = [];
  stream.on('data', (frame: Buffer) => frames.push(frame)).on('error', () => {});
  const ended = new Promise<StatusObject>(resolve => stream.on('status', resolve));
  onTestFinished(() => {
    stream.cancel();
    client.close();
  });
  return { stream, frames, ended };
}

export interface RawPipeline extends RawStream {
  /** Sends one frame. */
  send(...ops: Op[]): void;
  readonly results: readonly Result__Output[];
  /** The result of this id, when it is there. */
  result(id: number): Promise<Result__Output>;
}

export function rawPipeline(address: string): RawPipeline {
  const { path, requestSerialize, responseDeserialize } = protos.kv.Pipeline;
  const raw = rawStream(address, path);
  const results: Result__Output[] = [];
  raw.stream.on('data', (frame: Buffer) => results.push(...responseDeserialize(frame).results));
  return {
    ...raw,
    results,
    send: (...ops) => void raw.stream.write(requestSerialize({ ops })),
    result: id => soon(() => results.find(result => result.id === id)),
  };
}

export interface RawLink extends RawStream {
  /** Asks, and waits for the failure that is the answer. */
  asked(ask: { readonly method: number; readonly body?: Uint8Array }): Promise<Failure>;
}

export function rawLink(address: string): RawLink {
  const { linkRequest, linkResponse, failure } = protos.messages;
  const raw = rawStream(address, protos.peer.Link.path);
  let id = 0;
  const asked: RawLink['asked'] = async ({ method, body = new Uint8Array(0) }) => {
    id += 1;
    const ask = { id, method, budgetMs: 5000, body, more: false };
    raw.stream.write(linkRequest.encode({ sentAtUs: 0, asks: [ask], cancels: [] }));
    const answers = () => raw.frames.flatMap(frame => linkResponse.decode(frame).answers);
    const answer = await soon(() => answers().find(found => found.id === ask.id));
    return failure.decode(answer.body);
  };
  return { ...raw, asked };
}
