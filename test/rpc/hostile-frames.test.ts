/** Whatever bytes arrive on the client port, whoever else uses it is served on (TRAPS §5.2, frames). */
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { ask, failureOf, plainClient, protos } from '../support/grpc.ts';
import { openPeer } from './peer-support.ts';
import { fakeRequests, openDoor, WRITTEN } from './support.ts';

const { Put } = protos.kv;
const PUT = { bucket: 'b', key: 'k', value: { text: 'v' } };
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const MIB = 1024 * 1024;

const openDoorOf = () => openDoor({ requests: fakeRequests({ put: async () => WRITTEN }) });

async function stillServes(address: string): Promise<void> {
  const reply = ask(plainClient(address), { method: Put, message: PUT, withinMs: 4000 }).reply;
  await expect(reply).resolves.toMatchObject({ context: WRITTEN.context });
}

test.each([
  ['an HTTP/1.1 request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['random bytes', Buffer.from(new SeededRandom(1).bytes(5000))],
  ['an HTTP/2 preface and random bytes', Buffer.concat([PREFACE, new SeededRandom(2).bytes(5000)])],
  ['nothing', Buffer.alloc(0)],
])('%s, and the connection left open', async (_, bytes) => {
  const { address } = await openDoorOf();
  const [host, port] = address.split(':') as [string, string];
  const socket = connectTcp(Number(port), host).on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.write(bytes);
  await stillServes(address);
});

/** A gRPC frame: compressed flag, length, content. */
function frame(content: Uint8Array, { flag = 0, length = content.byteLength } = {}): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, content]);
}

test.each([
  ['a frame that claims 4 GiB', frame(Buffer.alloc(9), { length: 2 ** 32 - 1 }), {}],
  ['half a frame', frame(Buffer.alloc(10), { length: 100 }), {}],
  ['a compressed frame without an encoding', frame(Buffer.alloc(10), { flag: 1 }), {}],
  [
    'a frame that is not what its encoding says',
    frame(Buffer.alloc(10), { flag: 1 }),
    { 'grpc-encoding': 'gzip' },
  ],
  [
    'a bomb: 256 MiB in 256 KiB',
    frame(gzipSync(Buffer.alloc(256 * MIB)), { flag: 1 }),
    { 'grpc-encoding': 'gzip' },
  ],
  ['messages nested ten thousand deep', frame(Buffer.alloc(10_000, 0x1b)), {}],
])('%s is answered with an error', async (_, bytes, headers) => {
  const { address } = await openDoorOf();
  const session = connectHttp2(`http://${address}`);
  onTestFinished(() => session.destroy());
  const stream = session.request({
    ':method': 'POST',
    ':path': Put.path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  const statuses: unknown[] = [];
  const note = (head: Record<string, unknown>) => statuses.push(head['grpc-status']);
  stream
    .on('response', note)
    .on('trailers', note)
    .on('error', () => {});
  stream.resume().end(bytes);
  await once(stream, 'close');
  expect(statuses.filter(code => code !== undefined)).toEqual([expect.stringMatching(/^[1-9]\d?$/)]);
  await stillServes(address);
});

test.each([
  ['deflate', 1],
  ['gzip', 2],
])(
  'a message compressed with %s is refused unread: unpacked, a thousand times its size would be held',
  async (name, algorithm) => {
    const put = vi.fn(async () => WRITTEN);
    const { address } = await openDoor({ requests: fakeRequests({ put }) });
    const client = new Client(address, credentials.createInsecure(), {
      'grpc.default_compression_algorithm': algorithm,
    });
    onTestFinished(() => client.close());
    const error = await failureOf(ask(client, { method: Put, message: PUT, withinMs: 4000 }).reply);
    expect([error.code, error.details]).toEqual([
      status.UNIMPLEMENTED,
      `messages compressed with ${name} are not taken: send them uncompressed`,
    ]);
    expect(put).not.toHaveBeenCalled();
    await stillServes(address);
  },
);

test('the port of the peers refuses compressed messages too', async () => {
  const { address } = await openPeer({});
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.default_compression_algorithm': 2,
  });
  onTestFinished(() => client.close());
  const { path, requestSerialize, responseDeserialize } = protos.peer.Link;
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  const [error] = (await once(stream, 'error')) as [ServiceError];
  expect(error.code).toBe(status.UNIMPLEMENTED);
});
