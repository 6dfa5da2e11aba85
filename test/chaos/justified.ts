/**
 * Which values may be gone at the end: those that something still standing has replaced, directly or by way
 * of others that are gone themselves (TRAPS §3, algorithm 3). Pure.
 *
 * Worked out from the end: a value that is there, or a delete, justifies that what it covers is gone; so do
 * those, each once. From the other side it would go round in circles: 1. X and Y each overwrite whatever is
 * there, at one time; 2. each may have covered the other; 3. both are gone, and each is the other's excuse.
 */
import type { Operation } from './history.ts';

/** @param writes puts and deletes of one key @param standing the values that are there */
export function mayBeGone(writes: readonly Operation[], standing: ReadonlySet<string>): ReadonlySet<string> {
  const applied = writes.filter(({ outcome }) => outcome !== 'not applied');
  const justified = new Set<string>();
  const behind = applied.filter(({ value }) => value === undefined || standing.has(value));
  for (let coverer = behind.pop(); coverer !== undefined; coverer = behind.pop()) {
    for (const write of applied) {
      const { value } = write;
      if (value === undefined || justified.has(value) || !mayCover(coverer, write)) continue;
      justified.add(value);
      behind.push(write);
    }
  }
  return justified;
}

/** One of unknown outcome may be carried out later than its client waited. */
function mayCover(coverer: Operation, { value, began }: Operation): boolean {
  const { covers, ended, outcome } = coverer;
  if (covers !== 'all') return covers.includes(value!);
  return coverer.value !== value && (outcome === 'unknown' || began < ended);
}
