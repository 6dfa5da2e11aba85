/** Ctrl-C: the first time the run ends early and shows its figures, the second time the process ends. */

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Interruption {
  readonly told: boolean;
  /** Signals do again what they do by default. */
  forget(): void;
}

export function interruption(): Interruption {
  const state = { told: false, forget };
  const tell = (): void => {
    state.told = true;
    forget();
  };
  function forget(): void {
    for (const signal of SIGNALS) process.off(signal, tell);
  }
  for (const signal of SIGNALS) process.on(signal, tell);
  return state;
}
