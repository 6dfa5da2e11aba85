/**
 * What clients asked and were told: every call of the SDK with its times, and what it meant for each key. The
 * judge reads nothing else, but the end.
 */
import { ShoalError } from '../../src/client/index.ts';

/** What a call did to one key, or saw of it. Values go by their names, which are never given twice. */
export interface Operation {
  readonly key: string;
  /** Of the value that is written; undefined for a delete or a read. */
  readonly value: string | undefined;
  readonly what: 'read' | 'put' | 'delete';
  /** The values that it is to replace; `all` whatever is there. */
  readonly covers: readonly string[] | 'all';
  /** Milliseconds on the clock of the run. */
  readonly began: number;
  readonly ended: number;
  readonly outcome: 'acknowledged' | 'unknown' | 'not applied';
  /** The values that the reply showed. */
  readonly shown: readonly string[];
  /** How many primaries were counted when it was answered. */
  readonly primaries: number;
}

export interface Call {
  /** For people: `get`, `put over`, … */
  readonly kind: string;
  /** Its key, or the first of many. */
  readonly key: string;
  readonly began: number;
  readonly ended: number;
  /** Undefined if it did what was asked. */
  readonly failure: string | undefined;
}

/** What is known of an operation before its answer. */
export type Asked = Pick<Operation, 'key' | 'value' | 'what' | 'covers'>;
/** And what the answer adds. */
export type Told = Pick<Operation, 'outcome' | 'shown' | 'primaries'>;

export class History {
  readonly operations: Operation[] = [];
  readonly calls: Call[] = [];
  #failed = 0;

  get failed(): number {
    return this.#failed;
  }

  /** What became of a call and of each of its operations. Everything is remembered with the call's times. */
  add(call: Call, operations: readonly (Asked & Told)[]): void {
    const { began, ended } = call;
    this.calls.push(call);
    if (call.failure !== undefined) this.#failed += 1;
    for (const operation of operations) this.operations.push({ ...operation, began, ended });
  }
}

/** @throws what is no ShoalError: a bug of the SDK, or of this program */
export function failureOf(error: unknown): Told & { readonly failure: string } {
  if (!(error instanceof ShoalError)) throw error;
  const outcome = error.outcome === 'unknown' ? 'unknown' : 'not applied';
  return { outcome, shown: [], primaries: 0, failure: error.message };
}
