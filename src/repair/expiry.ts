/**
 * Takes out the notes that nobody will ever serve: of targets that own no such key any more, and those of
 * keys this node owns itself that have grown too old (DESIGN §7). The latter are counted and told once for
 * each target, never silently forgotten (TRAPS H8): anti-entropy brings what they stood for. A note beside a
 * foreign record never grows too old.
 */
import type { NodeName } from '../base/ids.ts';
import { preferenceList, type Ring } from '../core/ring/ring.ts';
import type { HandoffParts, Owed } from './holdings.ts';

/** A node that is away for longer is not coming back as it was. */
export const HINT_AGE_MS_MAX = 7 * 24 * 3_600_000;

export interface Review {
  readonly target: NodeName;
  readonly ring: Ring;
  readonly ended: () => boolean;
}

/** How many of them were too old. Rejects when the disk of this node fails. */
export async function expireNotes(review: Review, parts: HandoffParts): Promise<number> {
  const { target, ended } = review;
  let old = 0;
  let after: Uint8Array | undefined;
  do {
    const page = await parts.holdings.notes(target, after);
    const fates = page.notes.map(note => ({ note, why: whyOut(note, review, parts) }));
    for (const why of ['hint.void', 'hint.dropped.age'] as const) {
      const out = fates.filter(fate => fate.why === why);
      const gone = await Promise.all(out.map(({ note }) => parts.holdings.forget(note)));
      const count = gone.filter(Boolean).length;
      parts.metrics.count(why, count);
      if (why === 'hint.dropped.age') old += count;
    }
    after = page.next;
  } while (after !== undefined && !ended());
  return old;
}

function whyOut(
  { target, place, atMs }: Owed,
  { ring }: Review,
  { self, clock }: HandoffParts,
): 'hint.void' | 'hint.dropped.age' | undefined {
  const { primaries } = preferenceList(ring, place.partition);
  if (!primaries.includes(target)) return 'hint.void';
  const isOld = clock.wall() - atMs > HINT_AGE_MS_MAX;
  return isOld && primaries.includes(self) ? 'hint.dropped.age' : undefined;
}
