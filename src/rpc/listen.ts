/**
 * Opening and closing a gRPC server on a port. Plain text and unauthenticated: whoever reaches the port is
 * trusted.
 */
import {
  logVerbosity,
  type Server,
  ServerCredentials,
  type ServerOptions,
  setLogVerbosity,
} from '@grpc/grpc-js';
import { StartUpError } from '../base/errors.ts';
import { uncompressedOnly } from './uncompressed.ts';

const MIB = 1024 * 1024;

/**
 * Left to themselves, grpc-js servers bound neither streams nor the memory a connection holds (TRAPS G7,
 * G10).
 */
export const SERVER_OPTIONS: ServerOptions = {
  'grpc.max_concurrent_streams': 1024,
  // MiB of what one connection holds, replies of 64 MiB under way included.
  'grpc-node.max_session_memory': 256,
  'grpc.max_send_message_length': 64 * MIB,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 5000,
  interceptors: [uncompressedOnly],
};

/**
 * Binds the server to host:port, port 0 for any free one, and resolves to the address as bound.
 * Rejects with StartUpError when that cannot be.
 */
export async function listen(server: Server, { address, flag }: Listening): Promise<string> {
  const [, host, port] = /^(.+):(\d+)$/.exec(address) ?? [];
  if (host === undefined || port === undefined) {
    throw new StartUpError(`${address} is not an address`, { advice: `give ${flag} as host:port` });
  }
  // What grpc-js would print is in the error already.
  setLogVerbosity(logVerbosity.NONE);
  const bound = await bind(server, address).catch(cause => {
    throw cannotBind({ address, flag }, cause);
  });
  return `${host}:${bound}`;
}

export interface Listening {
  readonly address: string;
  /** The flag of the command that chooses the address, for the advice in errors. */
  readonly flag: string;
}

/** Takes no more calls, lets those under way finish for `graceMs`, then cuts them off. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, graceMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
  server.forceShutdown();
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

/** grpc-js hands on only the text of what went wrong. */
function cannotBind({ address, flag }: Listening, cause: unknown): StartUpError {
  const text = String(cause);
  if (text.includes('EADDRINUSE')) {
    const advice = `stop the process that listens there, or choose another with ${flag}`;
    return new StartUpError(`address ${address} is in use`, { advice, cause });
  }
  const why =
    /\b(?:EACCES|EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN|Name resolution failed)\b/.exec(text)?.[0] ?? text;
  return new StartUpError(`cannot listen on ${address} (${why})`, {
    advice: `choose another address with ${flag}`,
    cause,
  });
}
