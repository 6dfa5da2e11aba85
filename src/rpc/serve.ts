/**
 * A call as a promise of its answer: for carriers whose own cost is a hundred times that of a promise
 * (unary.ts; the network of test/sim).
 */
import type { Failure } from '../wire/status.ts';
import { refusalOf } from './refusals.ts';
import { type Door, type Method, Visit } from './serving.ts';
import type { Refusal } from './work.ts';

/** A call as it is handed over, its message read already. */
export interface Arrival<I> {
  readonly message: I;
  /** How long its caller still waits; undefined when nobody said. */
  readonly budgetMs: number | undefined;
  /** Its caller has gone away already. */
  readonly cancelled: boolean;
  /** Calls back when its caller goes away. */
  readonly onCancelled: (action: () => void) => void;
}

export type Served<O> = { readonly reply: O } | { readonly failed: Failure };

/** Never rejects: whatever goes wrong is the answer. */
export function serve<I, O>(door: Door, method: Method<I, O>, arrival: Arrival<I>): Promise<Served<O>> {
  return new Promise(resolve => new PromisedVisit({ door, method, arrival, resolve }).enter());
}

interface Promised<I, O> {
  readonly door: Door;
  readonly method: Method<I, O>;
  readonly arrival: Arrival<I>;
  readonly resolve: (served: Served<O>) => void;
}

class PromisedVisit<I, O> extends Visit<I, O> {
  cancelled: boolean;
  readonly #promised: Promised<I, O>;
  /**
   * Its caller is not gone, only content: grpc-js says `cancelled` after each unary answer, too. 1. A put is
   * answered by two of three; 2. it counts as cancelled; 3. the third, a little slow, would never get it.
   */
  #answered = false;

  constructor(promised: Promised<I, O>) {
    const { door, method, arrival } = promised;
    super(door, method, { budgetMs: arrival.budgetMs, bytes: method.bytes?.(arrival.message) ?? 0 });
    this.#promised = promised;
    this.cancelled = arrival.cancelled;
    arrival.onCancelled(() => {
      if (!this.#answered) this.cancelled = true;
    });
  }

  protected message(): I {
    return this.#promised.arrival.message;
  }

  protected reply(reply: O): void {
    this.#end({ reply });
  }

  protected fail(failed: Failure): void {
    this.#end({ failed });
  }

  protected turnAway(why: Refusal): void {
    this.fail(refusalOf(this.method, why));
  }

  protected onCancelled(action: () => void): void {
    this.#promised.arrival.onCancelled(action);
  }

  #end(served: Served<O>): void {
    this.#answered = true;
    this.#promised.resolve(served);
  }
}
