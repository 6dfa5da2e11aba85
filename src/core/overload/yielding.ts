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
 * The share follows what clients feel. Their requests are measured in two kinds of moments, with a batch
 * under way and without: since the share is at most a half, there are always both. As long as the slow
 * requests of the one kind are hardly slower than those of the other, the share grows; once they are, it
 * falls at once to less than half. A refusal for overload counts for a client: somebody is served there.
 */
import { addSample, type Quantile } from '../../base/quantile.ts';

export interface Yielding {
  /** Of the time, while clients are served. */
  readonly share: number;
  /** What slow requests take with no batch under way; undefined while unknown. */
  readonly quiet: Quantile | undefined;
  /** The same with one. */
  readonly disturbed: Quantile | undefined;
  /** Requests with a batch under way since the share was judged. */
  readonly samples: number;
  /** When there was a client last, by the node's clock. */
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
/** Less than one millisecond of its receiver's loop, and of this one's. */
const GENTLE: Speed = { recordsMax: 16, bytesMax: 64 * 1024, inFlightMax: 1 };
/** Enough for 100 000 keys in some minutes under load, little enough for a first look at what it costs. */
const SHARE_FIRST = 1 / 8;
const SHARE_MAX = 1 / 2;
/** Never nothing: clients that never pause must not keep records from where they belong (TRAPS H3). */
const SHARE_MIN = 1 / 32;
const GROWS_BY = 1.2;
const FALLS_BY = 0.4;
/** Clients are to see less than twice what they are used to; two estimates of the same differ by a fifth. */
const SLOWED_FACTOR = 1.4;
/** Below this nobody can tell. */
const SLOWED_MS_MIN = 1;
/** What requests are judged by: high enough to be what people complain of, low enough to settle soon. */
const SLOW_SHARE = 0.95;
/** Before so many a moment's bad luck would be judged. */
const SAMPLES_MIN = 20;
/**
 * For each receiver, however long the batch before took: ten gentle batches a second are a hundredth of its
 * loop, which is nobody's p99. Longer waits are nobody's gain: 1. the machine has too much to do beside this;
 * 2. what stands still for a while holds up batches and clients alike, so what meets a batch seems slower for
 * it, and the share falls to the least; 3. a batch of 60 ms, most of which nobody works on it, is followed by
 * two seconds of nothing, and 100 000 records take an hour.
 */
const WAIT_MS_MAX = 100;

export const NOBODY_SERVED: Yielding = {
  share: SHARE_FIRST,
  quiet: undefined,
  disturbed: undefined,
  samples: 0,
  clientAt: Number.NEGATIVE_INFINITY,
};

/** A client asks something. */
export function afterAsking(yielding: Yielding, now: number): Yielding {
  return { ...yielding, clientAt: now };
}

/** A client's request ended after `ms`. @param seen.underWay whether a batch was, when it ended */
export function afterClient(
  yielding: Yielding,
  { ms, underWay, now }: { readonly ms: number; readonly underWay: boolean; readonly now: number },
): Yielding {
  const told = { ...yielding, clientAt: now };
  if (!underWay) return { ...told, quiet: added(yielding.quiet, ms) };
  const disturbed = added(yielding.disturbed, ms);
  return judged({ ...told, disturbed, samples: yielding.samples + 1 });
}

/** The receiver of a batch had too much to do. */
export function afterOverload(yielding: Yielding, now: number): Yielding {
  return { ...yielding, share: fallen(yielding.share), clientAt: now };
}

export function speed({ clientAt }: Yielding, now: number): Speed {
  return isServing(clientAt, now) ? GENTLE : FULL;
}

/** @param batch.lanes how many receivers share the share */
export function waitMs(
  { share, clientAt }: Yielding,
  { tookMs, lanes, now }: { readonly tookMs: number; readonly lanes: number; readonly now: number },
): number {
  if (!isServing(clientAt, now)) return 0;
  const receivers = Math.max(1, lanes);
  return Math.min(tookMs * (receivers / share - 1), receivers * WAIT_MS_MAX);
}

function judged(yielding: Yielding): Yielding {
  const { quiet, disturbed, samples, share } = yielding;
  if (samples < SAMPLES_MIN || quiet === undefined || disturbed === undefined) return yielding;
  const slowed = disturbed.value > quiet.value * SLOWED_FACTOR + SLOWED_MS_MIN;
  return { ...yielding, samples: 0, share: slowed ? fallen(share) : Math.min(share * GROWS_BY, SHARE_MAX) };
}

function fallen(share: number): number {
  return Math.max(share * FALLS_BY, SHARE_MIN);
}

function added(quantile: Quantile | undefined, ms: number): Quantile {
  return quantile === undefined ? { share: SLOW_SHARE, value: ms } : addSample(quantile, ms);
}

function isServing(clientAt: number, now: number): boolean {
  return now - clientAt < CLIENTS_MS;
}
