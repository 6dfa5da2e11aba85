/**
 * The cluster as any gRPC client sees it: a unary put, a channel for each node, each in turn. Nothing of the
 * SDK is in it.
 */
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { Over, Reply, Target } from '../../src/cli/load/target.ts';
import type { PutRequest } from '../../src/gen/shoal/v1/PutRequest.ts';
import type { PutResponse__Output } from '../../src/gen/shoal/v1/PutResponse.ts';
import { loadProtos } from '../../src/wire/protos.ts';

const DEADLINE_MS = 5_000;

export class PlainTarget implements Target {
  readonly #bucket: string;
  readonly #clients: readonly Client[];
  readonly #put = loadProtos().kv.Put;
  #turn = 0;

  constructor(addresses: readonly string[], bucket: string) {
    this.#bucket = bucket;
    this.#clients = addresses.map(address => new Client(address, credentials.createInsecure()));
  }

  async put(key: string, value: Uint8Array, over: Over): Promise<Reply> {
    const overwrite = over === 'all';
    const { context, replicas } = await this.#call({
      bucket: this.#bucket,
      key,
      value: { bytes: Buffer.from(value) },
      overwrite,
    });
    return { siblings: [], context, replicas: { fallback: replicas?.fallback ?? 0 } };
  }

  get(): Promise<Reply> {
    throw new Error('only puts are measured so');
  }

  delete(): Promise<Reply> {
    throw new Error('only puts are measured so');
  }

  readBack(): Promise<Reply> {
    throw new Error('only puts are measured so');
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  #call(request: PutRequest): Promise<PutResponse__Output> {
    const { path, requestSerialize, responseDeserialize } = this.#put;
    const deadline = Date.now() + DEADLINE_MS;
    this.#turn = (this.#turn + 1) % this.#clients.length;
    const client = this.#clients[this.#turn]!;
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        new Metadata(),
        { deadline },
        (error, reply) => (error ? reject(error) : resolve(reply!)),
      );
    });
  }
}
