/**
 * How far a node doubts itself before it doubts others (Lifeguard §IV-A): who gets no answers from many, or
 * was late itself, asks less often, waits longer and suspects later. A number from 0, well, to 8.
 *
 * 1. n1's event loop hangs for five seconds; 2. it wakes, and has heard nobody for five seconds; 3. without
 * this it would call all others down (TRAPS R10).
 */
export const HEALTH_WORST = 8;

export type Sign =
  /** An answer came in time. */
  | 'answered'
  /** A member did not, but it answers others; or none of those who were asked to ask it has said anything. */
  | 'unanswered'
  /** This node was suspected by others, and lives. */
  | 'refuted'
  /** Its own loop was late. */
  | 'stalled';

const STEPS: Readonly<Record<Sign, number>> = { answered: -1, unanswered: 1, refuted: 1, stalled: 2 };

export function healthAfter(score: number, sign: Sign): number {
  return Math.min(HEALTH_WORST, Math.max(0, score + STEPS[sign]));
}

/** By how much all waiting times are stretched: 1 … 9. */
export function stretch(score: number): number {
  return 1 + score;
}
