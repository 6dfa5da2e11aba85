/** The processes of an overload: those that offer it, those that bear it and how much memory that takes, and one that is hardly let run. */
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

/** The most that any of them has held while the action ran, MiB: each process by itself, against what it held before. */
export async function memoryDuring<T>(
  pids: readonly number[],
  action: () => Promise<T>,
): Promise<{ readonly result: T; readonly grownMib: number; readonly mostMib: number }> {
  const before = pids.map(residentMib);
  const most = [...before];
  const look = setInterval(() => {
    for (const [index, pid] of pids.entries()) most[index] = Math.max(most[index]!, residentMib(pid));
  }, LOOK_MS);
  try {
    const result = await action();
    const grownMib = Math.max(...most.map((mib, index) => mib - before[index]!));
    return { result, grownMib, mostMib: Math.max(...most) };
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
