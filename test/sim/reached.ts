/**
 * Which rare things happened in a run: counted where they happen, by name. Which of them a campaign must have
 * met is said in runner/corners.ts; the others are only shown.
 */
import type { Operation } from './history.ts';
import { readNote } from './notes.ts';
import type { Oracle } from './oracle.ts';
import type { View } from './view.ts';

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
  'detector.stalled',
  'gossip.whole',
  'handoff.dropped',
  'handoff.failed',
  'handoff.records',
  'hint.failed',
  'hint.replayed',
  'hint.void',
  'hint.written',
  'member.down',
  'member.refuted',
  'member.suspected',
  'probe.indirect',
  'read.hedged',
  'read.repair',
  'read.repair.failed',
  'recovering.records',
  'recovering.rolled-back',
  'request.draining',
  'request.expired',
  'request.overloaded',
  'repair.differences',
  'repair.failed',
  'repair.fetched',
  'repair.in-flight',
  'repair.sent',
  'row.damaged',
  'row.heal-incomplete',
  'row.heal-in-vain',
  'row.healed',
  'scrub.damaged',
  'scrub.drift',
  'scrub.passes',
  'write.handed-on',
  'write.overwrite.second-round',
];

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

/** Where notes come to lie. */
export function notesIn(reached: Reached, view: Pick<View, 'primaries'>): Oracle {
  return {
    committed: (node, batch) => {
      for (const { key, value } of batch) {
        const note = value && readNote(key);
        if (note)
          reached.count(`note: at ${view.primaries(note.key).includes(node) ? 'an owner' : 'a stand-in'}`);
      }
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
