/**
 * A node as a process of its own, the way `shoal cluster` and the tests start it.
 *
 * It is held by a pipe on its stdin: when the parent ends, however it ends, the pipe closes, and the node
 * drains and goes. And it leads its own process group, because otherwise: 1. Ctrl-C in a terminal reaches
 * every process of the group; 2. each node has it from the terminal and once more from its parent; 3. a
 * second signal means "end at once", so no node closes cleanly.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** What `shoal node` is told; see there. */
export interface NodeSpec {
  readonly name: string;
  readonly data: string;
  readonly listen: string;
  readonly peerListen: string;
  readonly join: readonly string[];
  readonly expect: number;
  /** Further arguments, for example `['--zone', 'a']`. */
  readonly more?: readonly string[];
}

export interface NodeProcess {
  readonly name: string;
  readonly pid: number;
  /** The first line on its stdout: it serves. Undefined when it ended before. */
  readonly serving: Promise<string | undefined>;
  readonly ended: Promise<Ending>;
  signal(signal: NodeJS.Signals): void;
}

/** How a process ended; `signal` if it was killed by one. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What is said on the way: `out` is stdout, `err` is stderr. */
export type OnLine = (line: string, from: 'out' | 'err') => void;

/** The arguments after `shoal` that start such a node by hand. */
export function nodeArguments({
  name,
  data,
  listen,
  peerListen,
  join,
  expect,
  more = [],
}: NodeSpec): string[] {
  const where = ['--data', data, '--listen', listen, '--peer-listen', peerListen];
  return ['node', '--name', name, ...where, '--join', join.join(','), '--expect', String(expect), ...more];
}

/** @param main the script behind `shoal`, built */
export function startNode(main: string, spec: NodeSpec, onLine: OnLine): NodeProcess {
  const child = spawn(process.execPath, [main, ...nodeArguments(spec), '--parent-pipe'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdin.on('error', () => {}); // it died first: its ending tells
  const ended = whenClosed(child);
  void eachLine(child.stderr, line => onLine(line, 'err'));
  const first = eachLine(child.stdout, line => onLine(line, 'out'));
  return {
    name: spec.name,
    pid: child.pid ?? 0,
    serving: Promise.race([first, ended.then(() => undefined)]),
    ended,
    signal: signal => void child.kill(signal),
  };
}

/** "killed by SIGKILL" or "exit code 1". */
export function describeEnding({ code, signal }: Ending): string {
  return signal === null ? `exit code ${code}` : `killed by ${signal}`;
}

/** After its last line, too. */
function whenClosed(child: ChildProcess): Promise<Ending> {
  return new Promise(resolve => {
    child.on('close', (code, signal) => resolve({ code, signal }));
    child.on('error', () => resolve({ code: null, signal: null }));
  });
}

/** Resolves with the first line. */
function eachLine(from: Readable, onLine: (line: string) => void): Promise<string> {
  return new Promise(resolve => {
    createInterface({ input: from }).on('line', line => {
      onLine(line);
      resolve(line);
    });
  });
}
