/**
 * What chance decides for one message. All of it is drawn for every message, in this order and whatever
 * faults there are, so that a fault that is left out of a plan (which is how a failure is shrunk) moves as
 * little else as can be.
 */
import type { SeededRandom } from '../../../src/base/random.ts';
import type { NetworkPlan } from '../plan.ts';

export interface Fate {
  readonly delayMs: number;
  /** In [0, 1): below the weather's share of loss, it is lost. */
  readonly lossLot: number;
  /**
   * If it is lost: after so long both ends notice that their connection broke. Undefined: only the deadline
   * tells.
   */
  readonly noticedAfterMs: number | undefined;
  /** In [0, 1): below the weather's share of duplicates, it comes twice. */
  readonly copyLot: number;
  /** If it comes twice: how much later the second time. */
  readonly copyAfterMs: number;
  /** In [0, 1): the part of the weather's jitter that it gets. */
  readonly jitter: number;
  /**
   * If it meets a cut: it is sent again when the cut is healed, as TCP does; else the connection is given up
   * before.
   */
  readonly sentAgain: boolean;
}

/** A slow message takes up to so many times as long. */
const SLOW_FACTOR_MAX = 10;
/** The keepalive of src/link/grpc-duplex.ts: a ping every 2 s, and 1 s for its answer. */
const NOTICED_MS_MAX = 3_000;
/**
 * Most copies come right behind; one in so many is an old message that turns up when everybody has forgotten
 * it.
 */
const COPY_LATE_SHARE = 0.2;
const COPY_MS_USUAL = 20;
const COPY_MS_MAX = 4_000;

export function drawFate(random: SeededRandom, plan: NetworkPlan): Fate {
  return {
    delayMs: drawDelay(random, plan),
    lossLot: random.fraction(),
    noticedAfterMs: drawNotice(random),
    copyLot: random.fraction(),
    copyAfterMs: drawCopyDelay(random),
    jitter: random.fraction(),
    sentAgain: random.chance(0.5),
  };
}

/**
 * Near the least mostly, towards the usual seldom: a square stands in for the exponential, since it needs no
 * libm.
 */
function drawDelay(random: SeededRandom, { delayMs: { min, usual }, slowShare }: NetworkPlan): number {
  const part = random.fraction();
  const isSlow = random.chance(slowShare);
  const slowness = 1 + random.fraction() * (SLOW_FACTOR_MAX - 1);
  return (min + (usual - min) * part * part) * (isSlow ? slowness : 1);
}

function drawNotice(random: SeededRandom): number | undefined {
  const isNoticed = random.chance(0.5);
  const afterMs = random.fraction() * NOTICED_MS_MAX;
  return isNoticed ? afterMs : undefined;
}

function drawCopyDelay(random: SeededRandom): number {
  const isLate = random.chance(COPY_LATE_SHARE);
  return random.fraction() * (isLate ? COPY_MS_MAX : COPY_MS_USUAL);
}
