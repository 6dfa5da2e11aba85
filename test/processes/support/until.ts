/** Waiting for what must come true, never for time to pass. */

/** Long enough for a busy machine; a test that gets this far has failed. */
const DEADLINE_MS = 30_000;
const PAUSE_MS = 20;

/**
 * Asks again and again until the answer is something. An error counts as nothing, and is told when the time
 * is over.
 */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  let last: unknown = 'nothing yet';
  while (performance.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`waited ${DEADLINE_MS} ms in vain until ${what}; last: ${String(last)}`);
}
