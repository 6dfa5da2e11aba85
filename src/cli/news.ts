/**
 * Whether what is looked at again and again is worth saying: when it has changed, and now and then though it
 * has not.
 */
export class News {
  readonly #againMs: number;
  #said: { readonly what: string; readonly at: number } | undefined;

  /** @param againMs after which the same is said once more */
  constructor(againMs: number) {
    this.#againMs = againMs;
  }

  /** @param now milliseconds; of a call that says yes it is remembered what was said */
  worthSaying(what: string, now: number): boolean {
    if (this.#said?.what === what && now - this.#said.at < this.#againMs) return false;
    this.#said = { what, at: now };
    return true;
  }
}
