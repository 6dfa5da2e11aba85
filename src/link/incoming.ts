/** A request as the answering side of a link gets it, whole, and the way back for its answer. */
export interface IncomingParts {
  readonly id: number;
  readonly method: number;
  readonly body: Uint8Array;
  readonly budgetMs: number | undefined;
  /** Takes the answer; nothing if its sender has given up. */
  readonly answer: (incoming: Incoming, answer: { body: Uint8Array; failed: boolean }) => void;
}

export class Incoming {
  readonly id: number;
  readonly method: number;
  readonly body: Uint8Array;
  /** How long its sender still waits, what it lay in buffers already taken off; undefined when it did not say. May be negative. */
  readonly budgetMs: number | undefined;
  readonly #answer: IncomingParts['answer'];
  #cancelled = false;
  #onCancelled: (() => void) | undefined;

  constructor({ id, method, body, budgetMs, answer }: IncomingParts) {
    this.id = id;
    this.method = method;
    this.body = body;
    this.budgetMs = budgetMs;
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
