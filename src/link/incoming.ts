/** A request as the answering side of a link gets it, whole, and the way back for its answer. */
export interface IncomingParts {
  readonly id: number;
  readonly method: number;
  readonly body: Uint8Array;
  readonly budgetMs: number | undefined;
  readonly waitedMs: number;
  /** Takes the answer; nothing if its sender has given up. */
  readonly answer: (incoming: Incoming, answer: { body: Uint8Array; failed: boolean }) => void;
}

export class Incoming {
  readonly id: number;
  readonly method: number;
  readonly body: Uint8Array;
  /** How long its sender waits, from when it began to send it; undefined when it did not say. */
  readonly budgetMs: number | undefined;
  /**
   * What of that has passed on the way: in buffers, and until its last piece was here. Not taken off, because
   * whoever has noticed that this process stood still knows of the same wait, and it would come off twice.
   */
  readonly waitedMs: number;
  readonly #answer: IncomingParts['answer'];
  #cancelled = false;
  #onCancelled: (() => void) | undefined;

  constructor({ id, method, body, budgetMs, waitedMs, answer }: IncomingParts) {
    this.id = id;
    this.method = method;
    this.body = body;
    this.budgetMs = budgetMs;
    this.waitedMs = waitedMs;
    this.#answer = answer;
  }

  /** Nobody waits for the answer any more. */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  onCancelled(action: () => void): void {
    this.#onCancelled = action;
  }

  /** The first answer counts. */
  reply(body: Uint8Array): void {
    this.#answer(this, { body, failed: false });
  }

  /** @param body a shoal.v1.Failure */
  fail(body: Uint8Array): void {
    this.#answer(this, { body, failed: true });
  }

  /** Its sender has given up, or is gone. */
  cancel(): void {
    this.#cancelled = true;
    this.#onCancelled?.();
  }
}
