/** The `shoal` command as a user runs it: a process, its exit code and what it printed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { MAIN } from './live-node.ts';

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs it to its end. */
export function shoal(args: readonly string[], more: { readonly input?: string } = {}): Promise<Run> {
  const running = startShoal(args);
  running.child.stdin?.end(more.input);
  return running.ended;
}

export interface Running {
  readonly child: ChildProcess;
  /** What it printed so far. */
  readonly printed: { readonly out: string; readonly err: string };
  readonly ended: Promise<Run>;
}

/** Starts it; killed, if it still runs, when the test is over. */
export function startShoal(args: readonly string[]): Running {
  return run(process.execPath, [MAIN, ...args]);
}

/** Any other program, likewise. */
export function run(program: string, args: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(program, args, { stdio: 'pipe', env: { ...process.env, ...env } });
  const printed = { out: '', err: '' };
  child.stdout.on('data', data => {
    printed.out += String(data);
  });
  child.stderr.on('data', data => {
    printed.err += String(data);
  });
  child.stdin.on('error', () => {}); // it ended first
  const ended = new Promise<Run>(resolve => {
    child.on('close', code => resolve({ code, ...printed }));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, printed, ended };
}

/**
 * Whether a process of this id runs. One that has ended but was not yet asked for by whoever inherited it
 * does not.
 */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).syscall === 'open' && !existsSync('/proc/self');
  }
}
