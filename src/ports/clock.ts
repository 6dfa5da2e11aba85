/** Time, as a node sees it. The simulator's runs at its own pace. */
export interface Clock {
  /** Monotonic milliseconds since some fixed moment: for deadlines and durations. */
  now(): number;
  /**
   * Milliseconds since 1970; may jump either way. For hybrid times, people, and what nodes had better do
   * together; never for a deadline.
   */
  wall(): number;
  /**
   * Calls `action` once after `ms` milliseconds, unless cancelled before. Does not keep the process alive.
   */
  after(ms: number, action: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** Resolves after `ms` milliseconds. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise(resolve => {
    clock.after(ms, resolve);
  });
}
