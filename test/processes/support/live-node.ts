/**
 * A real node under test: started from the build, killed, frozen, started again on the same ports and data.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Ending, type NodeProcess, type NodeSpec, startNode } from '../../../src/cli/node-process.ts';
import type { Facts } from '../../../src/ports/log.ts';
import { Calls } from './calls.ts';

export const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** The runner was killed: nobody waits for this test any more. With this process its nodes go. */
process.once('disconnect', () => process.exit());

export class LiveNode {
  readonly spec: NodeSpec;
  readonly calls: Calls;
  /** Everything it said since the test began, stdout and stderr. */
  readonly lines: string[] = [];
  #process: NodeProcess | undefined;
  /** Where its lines begin since it was started last. */
  #first = 0;
  #guard: (() => void) | undefined;
  readonly #main: string;

  /** @param main the script behind `shoal`, built */
  constructor(spec: NodeSpec, main = MAIN) {
    this.spec = spec;
    this.#main = main;
    this.calls = new Calls(spec.listen);
  }

  /** @param more further arguments, this time only */
  launch(more: readonly string[] = []): void {
    const spec = { ...this.spec, more: [...(this.spec.more ?? []), ...more] };
    this.#first = this.lines.length;
    this.#process = startNode(this.#main, spec, line => void this.lines.push(line));
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    this.launch();
    await this.serving();
  }

  async serving(): Promise<void> {
    if ((await this.#process?.serving) === undefined)
      throw new Error(`${this.spec.name} did not start:\n${this.log}`);
  }

  /** As a power cut ends it, but for what the kernel already has. */
  kill(): Promise<Ending | undefined> {
    return this.#end('SIGKILL');
  }

  /** As an operator ends it. */
  stop(): Promise<Ending | undefined> {
    return this.#end('SIGTERM');
  }

  /** Of the process that was started last. */
  get pid(): number {
    return this.#process!.pid;
  }

  /** Memory that it has in use, bytes. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.#process!.pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.signal(signal);
  }

  ended(): Promise<Ending | undefined> {
    return this.#process?.ended ?? Promise.resolve(undefined);
  }

  /** Stops its clock, so to speak: connections stay open and nothing answers. */
  freeze(): void {
    if (this.#process === undefined || this.#guard !== undefined) return;
    this.#guard = guard(this.#process.pid);
    this.#process.signal('SIGSTOP');
  }

  thaw(): void {
    this.#process?.signal('SIGCONT');
    this.#guard?.();
    this.#guard = undefined;
  }

  /** The facts of each log line with this event since it was started last. */
  said(event: string): readonly Facts[] {
    return this.lines
      .slice(this.#first)
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line) as Facts)
      .filter(facts => facts.event === event);
  }

  get log(): string {
    return this.lines.map(line => `${this.spec.name} | ${line}`).join('\n');
  }

  async close(): Promise<void> {
    this.calls.close();
    await this.kill();
    this.thaw();
  }

  async #end(signal: NodeJS.Signals): Promise<Ending | undefined> {
    this.signal(signal);
    return await this.ended();
  }
}

/**
 * A frozen node cannot notice that the test runner died. This shell can: when its stdin closes, it wakes the
 * node, which finds its own pipe closed and goes.
 */
function guard(pid: number): () => void {
  const shell = spawn('sh', ['-c', `cat > /dev/null; kill -CONT ${pid} 2> /dev/null`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  return () => void shell.stdin.end();
}
