/**
 * Ctrl-C while something is waited for: a last word, then the process ends by that very signal, as it would
 * have without.
 */

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** @returns to be called when nothing is waited for any more */
export function onInterruption(lastWord: () => void): () => void {
  const tell = (signal: NodeJS.Signals): void => {
    forget();
    lastWord();
    process.kill(process.pid, signal);
  };
  const forget = (): void => {
    for (const signal of SIGNALS) process.off(signal, tell);
  };
  for (const signal of SIGNALS) process.on(signal, tell);
  return forget;
}
