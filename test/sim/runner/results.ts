/** How many passed and failed, in the form of a vitest report, so that .ci/run reads all its steps alike. */
import { writeFileSync } from 'node:fs';

/** @param path undefined: nobody asks */
export function writeResults(
  path: string | undefined,
  { passed, failed }: { passed: number; failed: number },
): void {
  if (path === undefined) return;
  writeFileSync(path, JSON.stringify({ numPassedTests: passed, numFailedTests: failed }));
}
