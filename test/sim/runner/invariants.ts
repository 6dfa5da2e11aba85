/** The invariants of DESIGN §11 in a sentence each: what a failure says was broken. */
import type { Invariant } from '../oracle.ts';

export const SENTENCES: Readonly<Record<Invariant, string>> = {
  I1: 'an acknowledged write is in, or covered by, every later strict read with R+W > N, and at every replica in the end',
  I2: 'a sibling disappears only because a client that had been shown it wrote or deleted, or asked to overwrite whatever is there',
  I3: 'a dot names one write for ever, also after kill, wipe, rollback and restore',
  I4: 'an acknowledgement is counted after that node made the write durable',
  I5: 'a node counts once, a fallback never in strict mode, a recovering node in no strict read',
  I6: 'merge is a join, and equal records have equal bytes',
  I7: 'the digests of segments equal the data at every commit',
  I8: 'a hint is removed after its target made the write durable, foreign data after all owners did',
  I9: 'what was deleted or overwritten and acknowledged does not come back',
  I10: 'no call without a deadline, no queue without a bound, no expired work executed',
  I11: 'an idle cluster repairs nothing',
  I12: 'a row that fails its checksum is never served and never "not found"',
  I13: 'the same seed gives the same trace',
  L1: 'the healed core comes back to life and agrees within its bound',
  L2: 'whoever is well is seen so by whoever is well, whoever is gone is missed, and nobody changes its mind without cause',
  BUG: 'no assertion fails, and nothing is thrown that nobody foresaw',
};
