/**
 * The corners that a campaign must have reached. A simulator that never gets to one proves nothing about it,
 * and nobody notices: a campaign fails for each that it should have met and has not (TRAPS §3, 9: the silence
 * of a checker is no proof).
 */
import { SHAPES } from '../network/shapes.ts';
import type { Totals } from './figures.ts';

/**
 * How often a corner is to be expected before its absence says that something is broken: by chance it is
 * missed once in some three million runs, and once in two thousand if it has become half as frequent as
 * {@link MET_IN_100} has it.
 */
const EXPECTED_MIN = 15;

/** How many of 100 seeds meet it, as counted. Plans and nodes shift that: count again if one is missed. */
const MET_IN_100: Readonly<Record<string, number>> = {
  'commit.faults': 51,
  'detector.stalled': 27,
  'gossip.whole': 95,
  'handoff.dropped': 48,
  'handoff.failed': 80,
  'handoff.records': 93,
  'hint.failed': 14,
  'hint.replayed': 93,
  'hint.void': 15,
  'hint.written': 88,
  'member.down': 95,
  'member.refuted': 84,
  'member.suspected': 95,
  'probe.indirect': 95,
  'read.hedged': 76,
  'read.repair': 65,
  'read.repair.failed': 60,
  'recovering.records': 40,
  'recovering.rolled-back': 36,
  'repair.differences': 27,
  'repair.failed': 55,
  'repair.fetched': 27,
  'repair.in-flight': 5,
  'repair.sent': 20,
  'row.damaged': 29,
  'row.heal-incomplete': 22,
  'row.healed': 26,
  'scrub.damaged': 10,
  'scrub.passes': 98,
  'write.handed-on': 85,
  'write.overwrite.second-round': 68,
  'note: at a stand-in': 33,
  'note: at an owner': 87,
  'put: handed on to two at once': 40,
  'ack: stand-ins alone': 22,
  'ack: stand-ins too': 34,
  'ack: the second try or later': 93,
  'ack: a try seconds after the first': 56,
  'read: stand-ins alone': 30,
  'read: not repaired everywhere': 43,
  'read: five siblings or more': 35,
  'refill: by keys': 16,
  'refill: page by page': 12,
  'told: OUTCOME_UNKNOWN': 82,
  'told: QUORUM_UNREACHABLE': 84,
  'told: STORAGE_FAULTED': 18,
  'request.draining': 95,
  'request.expired': 90,
  'request.overloaded': 2,
  'message: came twice': 13,
  'message: lost': 29,
  'message: lost in a cut': 56,
  'message: overtaken': 31,
  'message: waited at a cut or clog': 71,
  'stream: full': 90,
  'stream: given up by its keepalive': 80,
  'end: a write was under way': 15,
  'end: of one that hands records off': 12,
  'end: of one that records are handed off to': 20,
  'end: while it recovered': 39,
  'end: while it started': 29,
  'end: nobody is up': 28,
  'end: fewer than W are up': 40,
  'loss: of log, middle': 14,
  'loss: of log, tail': 21,
  'loss: power, without fsync': 6,
  'loss: rolled back': 17,
  'loss: rolled back to a clean stop': 4,
  'loss: rolled back, and all others restarted': 9,
  'loss: rotten row': 30,
  'loss: wiped': 30,
  'start: no room': 22,
  'start: it may keep its incarnation': 63,
  'start: it was not stopped cleanly': 74,
  'start: it was not stopped cleanly, and wrote without fsync': 15,
  "start: it was stopped cleanly, but the others' word on it is: unanswered": 43,
  'start: the data directory is a copy': 9,
  'start: the store was rolled back': 4,
  'start: the store has lost batches in the middle of its log': 14,
  'start: the store has lost its last batches, or was rolled back': 23,
  'outcast: cut off': 12,
  'outcast: dead': 12,
  'outcast: frozen': 10,
  'write error: applied': 19,
  'write error: not applied': 21,
  ...Object.fromEntries(SHAPES.map(({ shape }) => [`cut: ${shape}`, 11])),
};

export const CORNERS: readonly string[] = Object.keys(MET_IN_100);

/** What these runs should have met and have not: of ten seeds nothing can be said, of a hundred most. */
export function neverReached({ seeds, reached }: Pick<Totals, 'seeds' | 'reached'>): readonly string[] {
  const due = CORNERS.filter(corner => (MET_IN_100[corner]! * seeds) / 100 >= EXPECTED_MIN);
  return due.filter(corner => reached[corner] === undefined);
}
