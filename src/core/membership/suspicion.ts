/**
 * How long a member stays suspect before it is called down: the more others could not reach it either, the
 * shorter (Lifeguard, Dadgar et al. 2017 §IV-B). One node's word may be its own trouble; three that agree
 * leave little doubt. Arithmetic only.
 *
 *   who suspect it, this node included    1      2      3
 *   ms, if three or more could            3000   1864   1200
 *   ms, if two could                      3000   1200
 *   ms, if nobody else could              2000
 */
import { SUSPECTERS_MAX } from './view.ts';

/**
 * Long enough for the suspect to hear of it and say that it lives: a few rounds of gossip, some of them lost.
 * With 700 ms, where three messages in ten are lost with all behind them on their streams, nine nodes that
 * are well are held for down some four times a minute; with this, less than once.
 */
export const SUSPICION_MS_MIN = 1_200;
export const SUSPICION_MS_MAX = 3_000;
/** There is nobody else whose word could come. */
const SUSPICION_MS_OF_TWO = 2_000;

export interface Confirmations {
  /** How many suspect it, this node included. */
  readonly suspecters: number;
  /** How many could: the members that are neither down nor the suspect. */
  readonly possible: number;
}

export function suspicionMs({ suspecters, possible }: Confirmations): number {
  const wanted = Math.min(SUSPECTERS_MAX, possible);
  if (wanted <= 1) return SUSPICION_MS_OF_TWO;
  const share = Math.log(Math.min(suspecters, wanted)) / Math.log(wanted);
  return SUSPICION_MS_MAX - (SUSPICION_MS_MAX - SUSPICION_MS_MIN) * Math.max(0, share);
}
