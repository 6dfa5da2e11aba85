/** A time as people say it: one number, rounded down. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** So many of a unit are still told in it: "90 s", not "1 min". */
const SMALL_MAX = 2;

export function duration(ms: number): string {
  if (ms < SECOND) return 'less than 1 s';
  if (ms < SMALL_MAX * MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < SMALL_MAX * HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < SMALL_MAX * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} days`;
}
