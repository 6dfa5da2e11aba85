/**
 * ShoalError and gRPC status, both ways: the one table (DESIGN §9). People read the message; programs read
 * the details, a google.rpc.Status with one ErrorInfo {reason, domain "shoal", metadata}, `outcome` always
 * among the metadata. What a gRPC library or a proxy says in our stead has no details: see foreign-status.ts.
 */
import type { Buffer } from 'node:buffer';
import { type Outcome, type Reason, ShoalError } from '../base/errors.ts';
import type { ErrorInfo__Output } from '../gen/google/rpc/ErrorInfo.ts';
import { foreignError } from './foreign-status.ts';
import type { Protos } from './protos.ts';

/** Where the details travel. */
export const DETAILS_HEADER = 'grpc-status-details-bin';
/** After how many milliseconds a client may try again (gRPC A6). */
export const PUSHBACK_HEADER = 'grpc-retry-pushback-ms';

/**
 * The numbers of google.rpc.Code. OUTCOME_UNKNOWN is not UNAVAILABLE, which generic clients take leave to
 * retry.
 */
export const STATUS_OF: Readonly<Record<Reason, number>> = {
  BAD_KEY: 3,
  BAD_VALUE: 3,
  BAD_CONTEXT: 3,
  BAD_QUORUM: 3,
  QUORUM_UNREACHABLE: 14,
  OUTCOME_UNKNOWN: 4,
  OVERLOADED: 8,
  EXPIRED: 4,
  DRAINING: 14,
  NOT_READY: 14,
  TOO_MANY_SIBLINGS: 9,
  RECORD_TOO_LARGE: 9,
  STORAGE_FAULTED: 14,
  CANCELLED: 1,
  UNREACHABLE: 14,
  INTERNAL: 13,
};

/**
 * An overload passes in fractions of a second, and a pause that is longer leaves a node idle in between; one
 * that drains is gone for as long as a restart takes.
 */
const PUSHBACK_MS: Readonly<Partial<Record<Reason, number>>> = { OVERLOADED: 50, DRAINING: 1000 };

/** Message and details are HTTP/2 headers, of which peers accept some 16 KiB in all. */
const MESSAGE_LENGTH_MAX = 1000;
const DOMAIN = 'shoal';
const TYPE_URL = 'type.googleapis.com/google.rpc.ErrorInfo';

/** In a Failure's metadata, where a call has {@link PUSHBACK_HEADER}. */
const PUSHBACK = 'retry-pushback-ms';

/**
 * A failed call in its own words, whatever carries it: in-band as shoal.v1.Failure, or as the status of a
 * unary call.
 */
export interface Failure {
  /** A number of google.rpc.Code. */
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A failed call as gRPC carries it. */
export interface Status {
  readonly code: number;
  readonly message: string;
  /** The bytes of {@link DETAILS_HEADER}. */
  readonly details: Buffer | undefined;
}

export interface SentStatus extends Status {
  readonly details: Buffer;
  /** For {@link PUSHBACK_HEADER}. */
  readonly pushbackMs: string | undefined;
}

export function failureOf(error: ShoalError): Failure {
  const { reason, outcome, facts } = error;
  // Well-formed, because grpc-js throws on anything else.
  const message = error.message.toWellFormed().slice(0, MESSAGE_LENGTH_MAX).toWellFormed();
  const pushbackMs = PUSHBACK_MS[reason];
  const pushback = pushbackMs === undefined ? {} : { [PUSHBACK]: String(pushbackMs) };
  return { status: STATUS_OF[reason], reason, message, metadata: { ...facts, outcome, ...pushback } };
}

export function toStatus({ status, reason, message, metadata }: Failure, protos: Protos): SentStatus {
  const { [PUSHBACK]: pushbackMs, ...facts } = metadata;
  const info = { reason, domain: DOMAIN, metadata: facts };
  const any = { type_url: TYPE_URL, value: protos.errorInfo.serialize(info) };
  const details = protos.status.serialize({ code: status, message, details: [any] });
  return { code: status, message, details, pushbackMs };
}

export interface Called {
  /** Whether it was a put or a delete, which may have been applied though its answer is missing. */
  readonly write: boolean;
  readonly protos: Protos;
}

/** Whether a node said it, and not a library or a proxy in its stead. Never throws. */
export function isOurs({ details }: { readonly details?: Buffer | undefined }, protos: Protos): boolean {
  return details !== undefined && readInfo(details, protos) !== undefined;
}

/** The error behind any status but OK, whoever made it. Never throws. */
export function fromStatus(status: Status, { write, protos }: Called): ShoalError {
  const info = status.details && readInfo(status.details, protos);
  if (info === undefined) return foreignError(status, { write });
  const { reason, metadata } = info;
  return fromFailure({ status: status.code, reason, message: status.message, metadata }, { write });
}

/** The error behind a failure that was told in-band. Never throws. */
export function fromFailure(failure: Failure, { write }: Pick<Called, 'write'>): ShoalError {
  const { status, reason, message, metadata } = failure;
  if (!isReason(reason)) return foreignError({ code: status, message }, { write });
  const { outcome: said, [PUSHBACK]: _, ...facts } = metadata;
  const outcome = isOutcome(said) ? said : write ? 'unknown' : 'not applied';
  return new ShoalError(reason, bare(message, { reason, outcome }), { outcome, facts });
}

/**
 * How long the other side asks not to be asked again, ms; undefined when it does not, negative: not within
 * this call.
 */
export function pushbackOf({ metadata }: Pick<Failure, 'metadata'>): number | undefined {
  const ms = Number.parseInt(metadata[PUSHBACK] ?? '', 10);
  return Number.isNaN(ms) ? undefined : ms;
}

function readInfo(details: Buffer, protos: Protos): ErrorInfo__Output | undefined {
  try {
    for (const any of protos.status.deserialize(details).details) {
      if (!('type_url' in any) || any.type_url !== TYPE_URL) continue;
      const info = protos.errorInfo.deserialize(any.value);
      if (info.domain === DOMAIN) return info;
    }
  } catch {
    // Damaged details are no details.
  }
  return undefined;
}

/** The detail in a message, without the reason before and the outcome behind it. */
function bare(message: string, { reason, outcome }: { reason: Reason; outcome: Outcome }): string {
  const start = message.startsWith(`${reason}: `) ? reason.length + 2 : 0;
  const end = message.endsWith(` (${outcome})`) ? -(outcome.length + 3) : undefined;
  return message.slice(start, end);
}

function isReason(text: string): text is Reason {
  return Object.hasOwn(STATUS_OF, text);
}

function isOutcome(text: string | undefined): text is Outcome {
  return text === 'not applied' || text === 'unknown';
}
