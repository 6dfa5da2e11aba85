/**
 * The one error class (DESIGN §9): a closed union of reasons, each with its outcome. Code reads `reason` and
 * `outcome`; people read the message, which begins with the reason and ends with the outcome. How a reason
 * maps to a gRPC status is decided in src/wire/status.ts, nowhere else.
 */

/**
 * Why a request failed. Beyond the table of DESIGN §9: `EXPIRED`, its deadline had passed when it arrived, or
 * a read had no answer by then; `NOT_READY`, the ring is not born; `CANCELLED`, by whoever asked;
 * `UNREACHABLE`, no Shoal answered there; `INTERNAL`, a defect of Shoal, logged where it happened.
 */
export type Reason =
  | 'BAD_KEY'
  | 'BAD_VALUE'
  | 'BAD_CONTEXT'
  | 'BAD_QUORUM'
  | 'QUORUM_UNREACHABLE'
  | 'OUTCOME_UNKNOWN'
  | 'OVERLOADED'
  | 'EXPIRED'
  | 'DRAINING'
  | 'NOT_READY'
  | 'TOO_MANY_SIBLINGS'
  | 'RECORD_TOO_LARGE'
  | 'STORAGE_FAULTED'
  | 'CANCELLED'
  | 'UNREACHABLE'
  | 'INTERNAL';

/** `not applied`: nothing was changed and nothing will be. `unknown`: a write may appear later. */
export type Outcome = 'not applied' | 'unknown';

export class ShoalError extends Error {
  override readonly name = 'ShoalError';
  readonly reason: Reason;
  readonly outcome: Outcome;
  /** What went wrong, without reason and outcome. */
  readonly detail: string;
  /** Facts for programs, for example `required` and `acked`. */
  readonly facts: Readonly<Record<string, string>>;

  constructor(reason: Reason, detail: string, more: ShoalErrorDetails = {}) {
    const outcome = more.outcome ?? 'not applied';
    super(`${reason}: ${detail} (${outcome})`, more.cause === undefined ? {} : { cause: more.cause });
    this.reason = reason;
    this.outcome = outcome;
    this.detail = detail;
    this.facts = more.facts ?? {};
  }
}

export interface ShoalErrorDetails {
  /** `not applied` unless said otherwise. */
  readonly outcome?: Outcome;
  readonly facts?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Why a node does not start, for the operator: one line that says what is wrong and then what to do. */
export class StartUpError extends Error {
  override readonly name = 'StartUpError';
  /** What to do, without what is wrong. */
  readonly advice: string;

  constructor(problem: string, more: { readonly advice: string; readonly cause?: unknown }) {
    super(`${problem}: ${more.advice}`, more.cause === undefined ? {} : { cause: more.cause });
    this.advice = more.advice;
  }
}
