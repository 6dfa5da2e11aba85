/**
 * Writes of load: of unique values, each over what is to be replaced, entered into the ledger as they begin
 * and end.
 */
import { ShoalError } from '../../client/index.ts';
import { Contexts } from './contexts.ts';
import { keyName } from './keys.ts';
import { type Covers, Ledger, type Write } from './ledger.ts';
import { writesOver } from './mix.ts';
import type { LoadOptions } from './options.ts';
import type { Over, Reply, Target } from './target.ts';
import { Values } from './values.ts';

/** What a write takes the place of, as the target is told and as the ledger is. */
export interface Place {
  readonly over: Over;
  readonly covers: Covers;
}

const NONE: readonly number[] = [];
export const OVER_ALL = { over: 'all', covers: 'all' } as const satisfies Place;
export const BESIDE: Place = { over: 'nothing', covers: NONE };

export class Writes {
  /** Only when there will be a check. */
  readonly ledger: Ledger | undefined;
  readonly values: Values;
  readonly #target: Target;
  readonly #contexts: Contexts;

  /** @param run tells this run's values from all others */
  constructor(options: LoadOptions, { target, run }: { readonly target: Target; readonly run: number }) {
    const { mix, valueBytes: bytes, seed, check, contextsMax } = options;
    this.#target = target;
    this.#contexts = new Contexts(writesOver(mix) ? contextsMax : 0);
    this.values = new Values({ run, bytes, seed });
    this.ledger = check ? new Ledger() : undefined;
  }

  /** Rejects with what the target rejects with; so do all here. */
  async put(key: number, { over, covers }: Place): Promise<Reply> {
    const value = this.values.next();
    const write = this.ledger?.begin({ key, value, covers });
    try {
      const reply = await this.#target.put(keyName(key), this.values.make(value), over);
      this.#acknowledged(write, reply);
      this.saw(key, reply, value);
      return reply;
    } catch (error) {
      throw this.#refused(write, error);
    }
  }

  /** Over what was last seen of the key. */
  async delete(key: number): Promise<Reply> {
    const { over, covers } = this.overLastSeen(key);
    const write = this.ledger?.begin({ key, value: undefined, covers });
    try {
      const reply = await this.#target.delete(keyName(key), over);
      this.#acknowledged(write, reply);
      this.saw(key, reply);
      return reply;
    } catch (error) {
      throw this.#refused(write, error);
    }
  }

  /** Over what was last seen of the key; over whatever is there, when that is forgotten or was never seen. */
  overLastSeen(key: number): Place & { readonly over: Exclude<Over, 'nothing'> } {
    const seen = this.#contexts.of(key);
    return seen === undefined ? OVER_ALL : { over: seen.context, covers: seen.covers };
  }

  /** Exactly over what this reply has shown. */
  over(reply: Reply): Place {
    return { over: reply.context, covers: this.#shownIn(reply) };
  }

  /**
   * @param own the number of the value that was written: its reply does not show it, and its context covers
   * it
   */
  saw(key: number, reply: Reply, own?: number): void {
    const shown = this.#shownIn(reply);
    const covers = own === undefined || !this.ledger ? shown : [own, ...shown];
    this.#contexts.remember(key, { context: reply.context, covers });
  }

  #shownIn({ siblings }: Reply): readonly number[] {
    return this.ledger ? this.values.numbersOf(siblings) : NONE;
  }

  #acknowledged(write: Write | undefined, { replicas }: Reply): void {
    if (write) this.ledger?.end(write, { outcome: 'acknowledged', byStandIn: replicas.fallback > 0 });
  }

  #refused(write: Write | undefined, error: unknown): unknown {
    if (write && error instanceof ShoalError) this.ledger?.end(write, { outcome: error.outcome });
    return error;
  }
}
