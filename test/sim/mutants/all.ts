/**
 * The known bugs that the simulator must find (TRAPS §3, 9). Whoever builds a new part brings mutants of it
 * along. A mutant belongs here only if clients or disks can tell: what two guards hold is broken at both
 * (`also`), and what changes nothing but speed is none.
 */
import { ANTI_ENTROPY_MUTANTS } from './anti-entropy.ts';
import { DETECTION_MUTANTS } from './detection.ts';
import { DISK_MUTANTS } from './disk.ts';
import { HANDOFF_MUTANTS } from './handoff.ts';
import { IDENTITY_MUTANTS } from './identity.ts';
import { LINK_MUTANTS } from './link.ts';
import type { Mutant } from './mutate.ts';
import { QUORUM_MUTANTS } from './quorum.ts';
import { RECORD_MUTANTS } from './record.ts';
import { RECOVERY_MUTANTS } from './recovery.ts';

/** Their numbers are their places here, from 1. */
export const MUTANTS: readonly Mutant[] = [
  ...QUORUM_MUTANTS,
  ...RECORD_MUTANTS,
  ...DISK_MUTANTS,
  ...IDENTITY_MUTANTS,
  ...RECOVERY_MUTANTS,
  ...LINK_MUTANTS,
  ...HANDOFF_MUTANTS,
  ...DETECTION_MUTANTS,
  ...ANTI_ENTROPY_MUTANTS,
];
