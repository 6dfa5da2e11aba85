/**
 * An exact barrier, not a pause: resolves when everything that was ready to run has run, promise after
 * promise (DESIGN §10).
 */
export function settled(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve);
  });
}
