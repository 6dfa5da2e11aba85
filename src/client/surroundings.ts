/**
 * Time and chance as the SDK meets them: the only file of src/client that asks for either. Tests bring their
 * own.
 */
import { randomBytes } from 'node:crypto';

export interface Surroundings {
  /** Monotonic milliseconds since some fixed moment. */
  now(): number;
  /** Milliseconds since 1970, as gRPC wants its deadlines. */
  wall(): number;
  /**
   * Resolves after `ms` milliseconds, or at once when `signal` is aborted: whoever sleeps looks at it
   * afterwards.
   */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** A number in [0, 1). */
  fraction(): number;
  /** Fresh random bytes. */
  bytes(size: number): Uint8Array;
  /**
   * Calls `action` once after `ms` milliseconds, unless cancelled before. Does not keep the process alive.
   */
  after(ms: number, action: () => void): { cancel(): void };
  /** Calls `action` when all that can run in this turn of the event loop has run. */
  atEnd(action: () => void): void;
}

export const SYSTEM: Surroundings = {
  now: () => performance.now(),
  wall: () => Date.now(),
  sleep,
  fraction: () => Math.random(),
  bytes,
  after(ms, action) {
    const timer = setTimeout(action, ms).unref();
    return { cancel: () => clearTimeout(timer) };
  },
  atEnd: action => void setImmediate(action),
};

/** Many at once, as many write ids as fit: drawn one by one they cost more than the rest of a put. */
const DRAWN_BYTES = 4096;
let drawn = randomBytes(0);

/** No byte is given out twice. */
function bytes(size: number): Uint8Array {
  if (drawn.byteLength < size) drawn = randomBytes(Math.max(size, DRAWN_BYTES));
  const taken = drawn.subarray(0, size);
  drawn = drawn.subarray(size);
  return taken;
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
