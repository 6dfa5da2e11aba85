/** What a caller may say with each call. What is allowed is checked in checks.ts. */
import type { Shown } from './shown.ts';

export const DEADLINE_MS_DEFAULT = 5_000;

export interface CallOptions {
  /** For the whole call, retries included; milliseconds, more than 0. Default: that of `connect`, 5 000. */
  readonly deadlineMs?: number | undefined;
  /** Ends the call with CANCELLED. A write that was under way may still appear: see the error's `outcome`. */
  readonly signal?: AbortSignal | undefined;
}

export interface ReadOptions extends CallOptions {
  /** R, the replies needed: 1 to N; 0 or left out for the default. */
  readonly r?: number | undefined;
  /** Count the key's primaries only, no fallbacks: less available, more consistent. */
  readonly strict?: boolean | undefined;
}

export interface WriteOptions extends CallOptions {
  /** W, the acknowledgements needed: 1 to N; 0 or left out for the default. */
  readonly w?: number | undefined;
  /** Count the key's primaries only, no fallbacks: less available, more consistent. */
  readonly strict?: boolean | undefined;
  /** Replace exactly what this showed; whatever was written meanwhile stays, and is shown in the result. */
  readonly after?: Shown | undefined;
}

export interface PutOptions extends WriteOptions {
  /** Replace nothing: the value stands beside what is there. Not together with `after`. */
  readonly blind?: boolean | undefined;
}

export interface UpdateOptions extends CallOptions {
  /** As in {@link ReadOptions}. */
  readonly r?: number | undefined;
  /** As in {@link WriteOptions}. */
  readonly w?: number | undefined;
  readonly strict?: boolean | undefined;
  /** How often to read, merge and write at most while others write the key, too; 1 or more, default 10. */
  readonly rounds?: number | undefined;
}
