/** How long calls took: all of them, and the slowest of those that were under way after a blow. Pure. */
import type { Call } from './history.ts';
import type { BlowKind } from './plan.ts';

/** What is to be reached where nothing else runs on the machine; a figure, no promise. */
export const AIMS_MS: Readonly<Partial<Record<BlowKind, number>>> = { kill: 500, freeze: 600 };
/**
 * A delete of whatever is there is no other's second try: its repeat could remove what was written in between
 * (src/client/retry.ts). At a node that is frozen it waits its time out, and the program decides.
 */
export const NOT_REPEATED = 'delete';
/** A call that was under way so long after a blow may have met it. */
const MEETING_MS = 3_000;

export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly worst: number;
}

/** A blow as the figures need it. */
interface Blow {
  readonly kind: BlowKind;
  readonly node: string;
  readonly at: number;
}

export interface Worst {
  readonly call: Call;
  readonly blow: Blow;
}

export function latenciesOf(calls: readonly Call[]): Latencies {
  const sorted = calls.map(tookMs).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), worst: at(1) };
}

/**
 * Of the calls under way within some seconds after a blow of this kind, but for those that the SDK may not
 * try again; undefined if there were none.
 */
export function worstAfter(
  kind: BlowKind,
  { calls: all, struck }: { readonly calls: readonly Call[]; readonly struck: readonly Blow[] },
): Worst | undefined {
  let worst: Worst | undefined;
  const calls = all.filter(call => call.kind !== NOT_REPEATED);
  for (const blow of struck.filter(each => each.kind === kind)) {
    for (const call of calls) {
      const met = call.began <= blow.at + MEETING_MS && call.ended >= blow.at;
      if (met && (worst === undefined || tookMs(call) > tookMs(worst.call))) worst = { call, blow };
    }
  }
  return worst;
}

export function tookMs({ began, ended }: Call): number {
  return ended - began;
}
