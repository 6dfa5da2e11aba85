/**
 * The processes of an overload: those that offer it, those that bear it and how much memory that takes, and
 * one that is hardly let run.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Came, Offered } from './offered.ts';

const CLIENT = fileURLToPath(new URL('./client.js', import.meta.url));
const KIB = 1024;
const MIB = 1024 * KIB;
const LOOK_MS = 100;

export class ClientProcess {
  readonly #child: ChildProcess = fork(CLIENT);

  async offer(offered: Offered): Promise<Came> {
    const gone = once(this.#child, 'exit').then(() => {
      throw new Error('a client process has ended');
    });
    const told = once(this.#child, 'message').then(([came]) => came as Came);
    this.#child.send(offered);
    gone.catch(() => {});
    return await Promise.race([told, gone]);
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}

export interface Memory<T> {
  readonly result: T;
  /** The most that any of the processes has held more than before, MiB. */
  readonly grownMib: number;
  /** By how much the most in the last third is more than the most in the second: what goes on growing. */
  readonly driftMib: number;
}

export async function memoryDuring<T>(pids: readonly number[], action: () => Promise<T>): Promise<Memory<T>> {
  const before = pids.map(residentMib);
  const grown: number[] = [];
  const look = setInterval(() => {
    grown.push(Math.max(...pids.map((pid, index) => residentMib(pid) - before[index]!)));
  }, LOOK_MS);
  try {
    const result = await action();
    const third = Math.floor(grown.length / 3);
    const [second, last] = [grown.slice(third, 2 * third), grown.slice(2 * third)];
    return { result, grownMib: Math.max(...grown), driftMib: Math.max(...last) - Math.max(...second) };
  } finally {
    clearInterval(look);
  }
}

function residentMib(pid: number): number {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (Number(kib) * KIB) / MIB;
}

/** Lets a process run for a part of the time only, while the action runs. */
export async function slowed<T>(
  { pid, share, periodMs }: { readonly pid: number; readonly share: number; readonly periodMs: number },
  action: () => Promise<T>,
): Promise<T> {
  let over = false;
  const cycle = async () => {
    while (!over) {
      process.kill(pid, 'SIGSTOP');
      await sleep(periodMs * (1 - share));
      process.kill(pid, 'SIGCONT');
      await sleep(periodMs * share);
    }
  };
  const cycling = cycle();
  try {
    return await action();
  } finally {
    over = true;
    await cycling;
    process.kill(pid, 'SIGCONT');
  }
}
