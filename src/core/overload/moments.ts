/**
 * Time, while clients are served, in moments of two kinds: in *working* ones background work goes on, in
 * *quiet* ones none of it is begun. What clients feel in the one held against the other is what that work
 * does to them, and nothing else is: whether a batch is under way when a request ends tells less than it
 * seems. 1. The machine stands still for 50 ms; 2. what is under way then lasts longer, batches and requests
 * alike; 3. so slow requests meet batches, whoever made them slow.
 *
 * By the time of day, so that nodes whose clocks agree are quiet together: of four that bring records to one,
 * each by itself would hardly be noticed. Where clocks do not agree, each is judged by what it adds.
 */
export type Moment = 'working' | 'settling' | 'quiet';

/** No multiple of what else happens at times: gossip, rounds. */
const PERIOD_MS = 930;
/** Most of it: what is quiet is lost for work, and some fifty requests are enough to know. */
const WORKING_MS = 700;
/** What was begun before has ended by then, as a rule. */
const SETTLING_MS = 30;

/** @param wallMs since 1970 */
export function momentAt(wallMs: number): Moment {
  const into = phaseOf(wallMs);
  if (into < WORKING_MS) return 'working';
  return into < WORKING_MS + SETTLING_MS ? 'settling' : 'quiet';
}

/** How long until work may begin; 0 in a working moment. @param wallMs since 1970 */
export function untilWorkMs(wallMs: number): number {
  const into = phaseOf(wallMs);
  return into < WORKING_MS ? 0 : PERIOD_MS - into;
}

function phaseOf(wallMs: number): number {
  return ((wallMs % PERIOD_MS) + PERIOD_MS) % PERIOD_MS;
}
