/** CPU time and memory of this process and of others on this machine. Of others on Linux only, and of those that may be looked at. */
import { readFileSync } from 'node:fs';
import type { CpuReading } from './cpu.ts';

/** Ticks of /proc: 100 a second on every Linux that Node.js runs on. */
const MICROS_PER_TICK = 10_000;
const PAGE_BYTES = 4_096;
/** Fields of /proc/PID/stat behind the name: user and system time, resident pages. */
const [UTIME, STIME, RSS] = [11, 12, 21];

export interface Watched {
  readonly name: string;
  readonly pid: number;
}

/** Those that are gone are left out. */
export function readCpu(watched: readonly Watched[]): readonly CpuReading[] {
  return [own(), ...watched.flatMap(readingOf)];
}

function own(): CpuReading {
  const { user, system } = process.cpuUsage();
  return { name: 'load', micros: user + system, residentBytes: process.memoryUsage.rss() };
}

function readingOf({ name, pid }: Watched): readonly CpuReading[] {
  const fields = statOf(pid);
  if (fields === undefined) return [];
  const ticks = Number(fields[UTIME]) + Number(fields[STIME]);
  return [{ name, micros: ticks * MICROS_PER_TICK, residentBytes: Number(fields[RSS]) * PAGE_BYTES }];
}

/** What stands behind the name, which may itself hold blanks and brackets. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
