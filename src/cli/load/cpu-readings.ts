/**
 * CPU time and memory of this process and of others on this machine. Of others on Linux only, and of those
 * that may be looked at.
 */
import { readFileSync } from 'node:fs';
import type { CpuReading } from './cpu.ts';

/** Ticks of /proc: 100 a second on every Linux that Node.js runs on. */
const MICROS_PER_TICK = 10_000;
const BYTES_PER_KIB = 1_024;
/** Fields of /proc/PID/stat behind the name: user and system time. */
const [UTIME, STIME] = [11, 12];

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
  try {
    return [{ name, micros: microsOf(pid), residentBytes: residentBytesOf(pid) }];
  } catch {
    return [];
  }
}

/** The name, which may itself hold blanks and brackets, stands before them. */
function microsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[UTIME]) + Number(fields[STIME])) * MICROS_PER_TICK;
}

function residentBytesOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * BYTES_PER_KIB;
}
