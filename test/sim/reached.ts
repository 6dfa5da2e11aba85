/**
 * Which rare things happened in a run. A simulator that never gets to a corner proves nothing about it, and nobody notices: a campaign long enough
 * says which of {@link CORNERS} no run has reached, and fails for it (TRAPS §3, 9: the silence of a checker is no proof).
 *
 * Things are counted where they happen, by name; what is in no list is only shown.
 */
import type { Operation } from './history.ts';
import { SHAPES } from './network/shapes.ts';
import type { Oracle } from './oracle.ts';

export class Reached {
  readonly #counts = new Map<string, number>();

  count(what: string, by = 1): void {
    if (by > 0) this.#counts.set(what, (this.#counts.get(what) ?? 0) + by);
  }

  /** Sorted by name. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Counters of the nodes that tell of something rare. */
export const RARE_METRICS: readonly string[] = [
  'commit.faults',
  'hint.failed',
  'hint.written',
  'read.hedged',
  'read.repair',
  'read.repair.failed',
  'recovering.records',
  'recovering.rolled-back',
  'row.damaged',
  'row.heal-incomplete',
  'row.heal-in-vain',
  'row.healed',
  'write.handed-on',
  'write.overwrite.second-round',
];

/** What each campaign of {@link CAMPAIGN_SEEDS_MIN} seeds must have reached: each is met some fifteen times in so many, so that silence is no accident. */
export const CORNERS: readonly string[] = [
  ...RARE_METRICS.filter(metric => metric !== 'row.heal-in-vain'),
  'ack: stand-ins alone',
  'ack: stand-ins too',
  'ack: the second try or later',
  'ack: a try seconds after the first',
  'read: stand-ins alone',
  'read: not repaired everywhere',
  'read: five siblings or more',
  'told: OUTCOME_UNKNOWN',
  'told: QUORUM_UNREACHABLE',
  'told: STORAGE_FAULTED',
  'door: DRAINING',
  'door: EXPIRED',
  'door: OVERLOADED',
  'message: came twice',
  'message: lost',
  'message: lost in a cut',
  'message: overtaken',
  'message: waited at a cut or clog',
  'end: a write was under way',
  'end: while it recovered',
  'end: while it started',
  'end: nobody is up',
  'end: fewer than W are up',
  'loss: of log, middle',
  'loss: of log, tail',
  'loss: power, without fsync',
  'loss: rolled back',
  'loss: rolled back to a clean stop',
  'loss: rolled back, and all others restarted',
  'loss: rotten row',
  'loss: wiped',
  'start: no room',
  'start: it may keep its incarnation',
  'start: it was not stopped cleanly',
  'start: it was not stopped cleanly, and wrote without fsync',
  "start: it was stopped cleanly, but the others' word on it is: unanswered",
  'start: the data directory is a copy',
  'start: the store was rolled back',
  'start: the store has lost batches in the middle of its log',
  'start: the store has lost its last batches, or was rolled back',
  'outcast: cut off',
  'outcast: dead',
  'outcast: frozen',
  'write error: applied',
  'write error: not applied',
  ...SHAPES.map(({ shape }) => `cut: ${shape}`),
];

export const CAMPAIGN_SEEDS_MIN = 200;

/** What no run of a campaign has reached; nothing can be said of a short one. */
export function neverReached(all: { seeds: number; reached: Readonly<Record<string, number>> }) {
  return all.seeds < CAMPAIGN_SEEDS_MIN ? [] : CORNERS.filter(corner => all.reached[corner] === undefined);
}

const LATE_MS = 2_000;
const MANY_SIBLINGS = 5;

/** What can be told from the answers that clients got. */
export function answersIn(reached: Reached): Oracle {
  return {
    ended: operation => {
      if (operation.reply === undefined) reached.count(`told: ${reasonOf(operation.error)}`);
      else if (operation.kind === 'get') countRead(reached, operation.reply);
      else countAck(reached, operation);
    },
  };
}

/** As messages for people begin: `BAD_KEY: …` */
export function reasonOf(text: string | undefined): string {
  return /^[A-Z_]+(?=:)/.exec(text ?? '')?.[0] ?? 'nothing';
}

function countRead(reached: Reached, { replicas, shown }: NonNullable<Operation['reply']>): void {
  const { answered, fallback, unrepaired } = replicas;
  if (fallback > 0) reached.count(fallback === answered ? 'read: stand-ins alone' : 'read: stand-ins too');
  if (unrepaired > 0) reached.count('read: not repaired everywhere');
  if (shown.size >= MANY_SIBLINGS) reached.count('read: five siblings or more');
}

function countAck(reached: Reached, { reply, tries }: Operation): void {
  const { answered, fallback } = reply!.replicas;
  if (fallback > 0) reached.count(fallback === answered ? 'ack: stand-ins alone' : 'ack: stand-ins too');
  if (tries.length > 1) reached.count('ack: the second try or later');
  if (tries.at(-1)!.at - tries[0]!.at >= LATE_MS) reached.count('ack: a try seconds after the first');
}
