/** The three streams of a command, so that tests can hold them. */
import { Buffer } from 'node:buffer';

export interface Io {
  /** As it is: no line end is added. */
  out(content: string | Uint8Array): void;
  /** One line for people. */
  err(line: string): void;
  /** All of stdin. */
  input(): Promise<Uint8Array>;
}

export const PROCESS: Io = {
  out: content => void process.stdout.write(content),
  err: line => void process.stderr.write(`${line}\n`),
  input: readStdin,
};

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
