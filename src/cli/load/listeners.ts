/**
 * Which processes of this machine listen on which ports, from Linux's own tables: the port leads to a
 * socket's number, the number to the process that holds it. Silent where it cannot tell: another system,
 * another user's process, another machine.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { parseAddress } from '../address.ts';
import type { Watched } from './cpu-readings.ts';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const LISTENING = '0A';
const HEX = 16;
/** Columns of the tables. */
const [LOCAL, STATE, SOCKET] = [1, 3, 9];

export interface Named {
  readonly name: string;
  /** host:port */
  readonly address: string;
}

/** Of these nodes, those that run on this machine's loopback. */
export function localProcesses(nodes: readonly Named[]): readonly Watched[] {
  const local = nodes.map(({ name, address }) => ({ name, ...parseAddress(address) })).filter(isLoopback);
  if (local.length === 0) return [];
  const sockets = listeningSockets();
  const pids = holdersOf(new Set(sockets.values()));
  return local.flatMap(({ name, port }) => {
    const pid = pids.get(sockets.get(port) ?? '');
    return pid === undefined ? [] : [{ name, pid }];
  });
}

function isLoopback({ host }: { readonly host: string }): boolean {
  return host.startsWith('127.') || host === '::1' || host === 'localhost';
}

/** By port, the numbers of the sockets that listen. */
function listeningSockets(): ReadonlyMap<number, string> {
  const rows = TABLES.flatMap(table =>
    orNone(() => readFileSync(table, 'latin1').split('\n').slice(1)).map(row => row.trim().split(/\s+/)),
  );
  const listening = rows.filter(row => row[STATE] === LISTENING);
  return new Map(
    listening.map(row => [Number.parseInt(row[LOCAL]!.split(':').at(-1)!, HEX), row[SOCKET]!] as const),
  );
}

/** By socket, the process that holds it. */
function holdersOf(sockets: ReadonlySet<string>): ReadonlyMap<string, number> {
  const holders = new Map<string, number>();
  for (const pid of orNone(() => readdirSync('/proc')).filter(name => /^\d+$/.test(name))) {
    for (const socket of socketsOf(pid)) if (sockets.has(socket)) holders.set(socket, Number(pid));
  }
  return holders;
}

function socketsOf(pid: string): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return orNone(() => readdirSync(folder)).flatMap(fd =>
    orNone(() => [/^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${fd}`))?.[1]]).filter(
      socket => socket !== undefined,
    ),
  );
}

/** A process may be gone, or none of our business. */
function orNone<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch {
    return [];
  }
}
