/** The machine's time, behind the port (src/ports/clock.ts). */
import type { Clock, Timer } from '../ports/clock.ts';

/** `setTimeout` takes a longer wait for 1 ms: about 25 days. */
const WAIT_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms: number, action: () => void): Timer {
    const timer = setTimeout(action, Math.min(ms, WAIT_MS_MAX)).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
