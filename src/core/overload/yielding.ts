/**
 * How fast background work may go without clients paying for it: how large the next batch is, and how long to
 * wait before it.
 *
 * While no client asks anything there is nobody to yield to: whole batches, several at once, no pause. While
 * clients are served, work has a *share* of the time: one small batch, then a pause so long that the batch
 * took that share of both. A batch that takes longer at its receiver is followed by a longer pause, so that
 * a receiver that is busy with others is left alone too (the idea of LEDBAT, RFC 6817: what delay tells is
 * believed, before anything is refused).
 *
 * The share, and with it the batch, follows what clients feel. What is slow is known from quiet moments
 * (moments.ts); of the requests that begin while there is work, few are to be much slower than that. As long
 * as it is few the share grows; once it is more, it falls to a half. A refusal for overload counts for a
 * client: somebody is served there.
 */
import { addSample, type Quantile } from '../../base/quantile.ts';

export interface Yielding {
  /** Of the time, while clients are served. */
  readonly share: number;
  /** What slow requests take in quiet moments; undefined while unknown. */
  readonly quiet: Quantile | undefined;
  /** Requests that began beside work since the share was judged. */
  readonly beside: number;
  /** Those of them that took much longer than slow ones do in quiet moments. */
  readonly slowed: number;
  /** When the first of them ended, by the node's clock; and when there was a client last. */
  readonly besideSince: number;
  readonly clientAt: number;
}

export interface Speed {
  readonly recordsMax: number;
  readonly bytesMax: number;
  readonly inFlightMax: number;
}

/** A client that asked less than so long ago may ask again. */
const CLIENTS_MS = 1000;
/** A batch is some 3 ms of its receiver's loop: nobody's, while nobody asks. */
const FULL: Speed = { recordsMax: 64, bytesMax: 256 * 1024, inFlightMax: 4 };
/** Less than one millisecond of its receiver's loop, and of this one's. With a larger share it grows, too. */
const GENTLE: Speed = { recordsMax: 16, bytesMax: 64 * 1024, inFlightMax: 1 };
/** Enough for 100 000 keys in some minutes under load, little enough for a first look at what it costs. */
const SHARE_FIRST = 1 / 16;
const SHARE_MAX = 1 / 2;
/** Never nothing: clients that never pause must not keep records from where they belong (TRAPS H3). */
const SHARE_MIN = 1 / 32;
const GROWS_BY = 1.4;
const FALLS_BY = 0.5;
/** What requests are judged by: high enough to be what people complain of, low enough to settle soon. */
const SLOW_SHARE = 0.95;
/** Much slower than slow: clients are to see less than twice what they are used to. */
const SLOWED_FACTOR = 1.4;
/** Below this nobody can tell. */
const SLOWED_MS_MIN = 1;
/** Of those that meet no work some 3 % are so slow, by what {@link SLOW_SHARE} is. */
const SLOWED_SHARE_MAX = 0.1;
/**
 * Before so many, and in less time, one moment's bad luck would be judged: while a machine stands still for
 * 50 ms, a tenth of half a second's requests are slow. And a process that has just started is slow to
 * everybody for some seconds, in which it is not to grow far.
 */
const SAMPLES_MIN = 50;
const JUDGED_MS = 2_000;
/** Sooner when most are slow. */
const JUDGED_MS_MIN = 500;
/**
 * For each receiver, however long the batch before took: ten gentle batches a second are a hundredth of its
 * loop, which is nobody's p99. Longer waits are nobody's gain: 1. the machine has too much to do beside this,
 * and the share falls to the least; 2. a batch of 60 ms, most of which nobody works on it, is followed by two
 * seconds of nothing, and 100 000 records take an hour.
 */
const WAIT_MS_MAX = 100;

export const NOBODY_SERVED: Yielding = {
  share: SHARE_FIRST,
  quiet: undefined,
  beside: 0,
  slowed: 0,
  besideSince: 0,
  clientAt: Number.NEGATIVE_INFINITY,
};

/** A client asks something, or has its answer. */
export function afterAsking(yielding: Yielding, now: number): Yielding {
  return { ...yielding, clientAt: now };
}

/** A client's request took `ms` that began in a quiet moment. */
export function afterQuiet(yielding: Yielding, ms: number): Yielding {
  const { quiet } = yielding;
  return { ...yielding, quiet: quiet ? addSample(quiet, ms) : { share: SLOW_SHARE, value: ms } };
}

/** A client's request took `ms` that began while there was work. */
export function afterBeside(yielding: Yielding, ms: number, now: number): Yielding {
  const { quiet, beside, slowed } = yielding;
  if (quiet === undefined) return yielding;
  const isSlowed = ms > quiet.value * SLOWED_FACTOR + SLOWED_MS_MIN;
  const besideSince = beside === 0 ? now : yielding.besideSince;
  return judged({ ...yielding, beside: beside + 1, slowed: slowed + (isSlowed ? 1 : 0), besideSince }, now);
}

/** The receiver of a batch had too much to do. */
export function afterOverload(yielding: Yielding, now: number): Yielding {
  return { ...yielding, share: fallen(yielding.share), clientAt: now };
}

export function speed(yielding: Yielding, now: number): Speed {
  if (!isServing(yielding, now)) return FULL;
  const times = Math.max(1, yielding.share / SHARE_FIRST);
  return {
    recordsMax: Math.min(Math.floor(GENTLE.recordsMax * times), FULL.recordsMax),
    bytesMax: Math.min(Math.floor(GENTLE.bytesMax * times), FULL.bytesMax),
    inFlightMax: GENTLE.inFlightMax,
  };
}

/** @param batch.lanes how many receivers share the share */
export function waitMs(
  yielding: Yielding,
  { tookMs, lanes, now }: { readonly tookMs: number; readonly lanes: number; readonly now: number },
): number {
  if (!isServing(yielding, now)) return 0;
  const receivers = Math.max(1, lanes);
  return Math.min(tookMs * (receivers / yielding.share - 1), receivers * WAIT_MS_MAX);
}

function judged(yielding: Yielding, now: number): Yielding {
  const { beside, slowed, share, besideSince } = yielding;
  const ms = slowed > beside / 2 ? JUDGED_MS_MIN : JUDGED_MS;
  if (beside < SAMPLES_MIN || now - besideSince < ms) return yielding;
  const isTooMuch = slowed > SLOWED_SHARE_MAX * beside;
  const next = isTooMuch ? fallen(share) : Math.min(share * GROWS_BY, SHARE_MAX);
  return { ...yielding, share: next, beside: 0, slowed: 0 };
}

function fallen(share: number): number {
  return Math.max(share * FALLS_BY, SHARE_MIN);
}

export function isServing({ clientAt }: Yielding, now: number): boolean {
  return now - clientAt < CLIENTS_MS;
}
