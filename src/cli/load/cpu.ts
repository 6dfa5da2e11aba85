/** CPU time per operation, from readings before and after. Pure; who reads is cpu-readings.ts. */
import type { ProcessFigures } from './figures.ts';

export interface CpuReading {
  /** `load` for this process, else its id. */
  readonly name: string;
  /** User and system time of all its threads since it began. */
  readonly micros: number;
  readonly residentBytes: number;
}

/** Only processes that were there at both times. */
export function processFigures(
  readings: { readonly before: readonly CpuReading[]; readonly after: readonly CpuReading[] },
  operations: number,
): readonly ProcessFigures[] {
  return readings.after.flatMap(({ name, micros, residentBytes }) => {
    const before = readings.before.find(reading => reading.name === name);
    if (before === undefined) return [];
    const spent = micros - before.micros;
    const cpuMicrosPerOperation = operations === 0 ? 0 : spent / operations;
    return [{ name, cpuSeconds: spent / 1e6, cpuMicrosPerOperation, residentBytes }];
  });
}
