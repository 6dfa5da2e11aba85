/** A flag that takes a time: a number and its unit. */
import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** @returns milliseconds, more than 0; throws InvalidArgumentError, a usage error */
export function timeSpan(text: string): number {
  const { number, unit = '' } = /^(?<number>\d{1,7})(?<unit>ms|s|m|h)$/.exec(text)?.groups ?? {};
  const ms = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('expected a time, for example 500ms, 30s, 5m or 2h');
}
