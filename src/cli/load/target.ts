/**
 * What load is put on. Small, so that tests run against a fake one, and the bench against whatever it
 * compares.
 */
import type { Replicas, Sibling } from '../../client/index.ts';

/** What a reply shows; an `Entry` and a `Written` of the SDK are such. */
export interface Reply {
  readonly siblings: readonly Pick<Sibling, 'value'>[];
  readonly context: Uint8Array;
  readonly replicas: Pick<Replicas, 'fallback'>;
}

/** What a write takes the place of: what this context has seen, whatever is there, or nothing. */
export type Over = Uint8Array | 'all' | 'nothing';

/** Every method rejects with ShoalError; anything else is a defect and ends the run. */
export interface Target {
  get(key: string): Promise<Reply>;
  put(key: string, value: Uint8Array, over: Over): Promise<Reply>;
  delete(key: string, over: Exclude<Over, 'nothing'>): Promise<Reply>;
  /** Reads so strictly that every acknowledged write is seen: R + W > N, primaries only. */
  readBack(key: string): Promise<Reply>;
}
