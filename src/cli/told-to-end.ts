/**
 * How a node is told to end: SIGTERM, SIGINT, SIGHUP, or the pipe that its parent holds closes (whatever
 * became of the parent). The first time it drains and closes; a second signal ends the process where it
 * stands, which is as good as a power cut.
 */

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Resolves with why, once. @param parentPipe stdin is such a pipe */
export function toldToEnd({ parentPipe }: { parentPipe: boolean }): Promise<string> {
  return new Promise(resolve => {
    let told = false;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (told) process.exit(1);
        told = true;
        resolve(signal);
      });
    }
    if (!parentPipe) return;
    process.stdin.on('close', () => resolve('its parent ended'));
    process.stdin.on('error', () => resolve('its parent ended'));
    process.stdin.resume();
    process.stdin.unref(); // listening to it is no reason to live on
  });
}
