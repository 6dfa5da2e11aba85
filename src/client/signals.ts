/**
 * Which calls end with which AbortSignal. One listener for each signal, however many calls share it: a
 * program gives one signal to hundreds of calls, and Node takes more than ten listeners for a leak and says
 * so on stderr.
 */
export interface Abortable {
  abort(): void;
}

interface Listened {
  readonly calls: Set<Abortable>;
  readonly listener: () => void;
}

export class Signals {
  readonly #listened = new Map<AbortSignal, Listened>();

  /** @param signal not aborted yet */
  add(signal: AbortSignal, call: Abortable): void {
    this.#listenedTo(signal).calls.add(call);
  }

  delete(signal: AbortSignal, call: Abortable): void {
    const listened = this.#listened.get(signal);
    if (listened === undefined || !listened.calls.delete(call) || listened.calls.size > 0) return;
    signal.removeEventListener('abort', listened.listener);
    this.#listened.delete(signal);
  }

  #listenedTo(signal: AbortSignal): Listened {
    const known = this.#listened.get(signal);
    if (known !== undefined) return known;
    const calls = new Set<Abortable>();
    const listener = (): void => {
      for (const call of [...calls]) call.abort();
    };
    signal.addEventListener('abort', listener, { once: true });
    const listened = { calls, listener };
    this.#listened.set(signal, listened);
    return listened;
  }
}
