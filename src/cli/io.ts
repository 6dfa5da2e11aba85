/** The three streams of a command, so that tests can hold them. */
import { Buffer } from 'node:buffer';
import { fstatSync } from 'node:fs';
import { CommandFailed, EXIT } from './exit.ts';

export interface Io {
  /** As it is: no line end is added. */
  out(content: string | Uint8Array): void;
  /** One line for people. */
  err(line: string): void;
  /** Whether somebody at a terminal reads what `out` prints. */
  readonly terminal: boolean;
  /** How wide that terminal is. */
  readonly columns: number;
  /** Stdin, its first `bytesMax` bytes if there are more: what comes without end must not be waited for. */
  input(bytesMax: number): Promise<Uint8Array>;
}

const COLUMNS_DEFAULT = 80;

export const PROCESS: Io = {
  out: content => void process.stdout.write(content),
  err: line => void process.stderr.write(`${line}\n`),
  terminal: process.stdout.isTTY === true,
  get columns() {
    // Some terminals say 0.
    return process.stdout.columns || COLUMNS_DEFAULT;
  },
  input: readStdin,
};

const STDIN = 0;

async function readStdin(bytesMax: number): Promise<Uint8Array> {
  // Node shows a directory as a stream that is empty.
  if (fstatSync(STDIN).isDirectory()) throw new CommandFailed(EXIT.error, 'shoal: stdin is a directory');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).byteLength;
    if (size >= bytesMax) break;
  }
  return Buffer.concat(chunks).subarray(0, bytesMax);
}
