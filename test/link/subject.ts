/**
 * What the cases of this folder are tried on: the classes of src/link, sound or with a bug put in
 * (mutants.test.ts).
 */
import { AnsweringLink } from '../../src/link/answering-link.ts';
import { AskingLink } from '../../src/link/asking-link.ts';
import { Assembly } from '../../src/link/assembly.ts';
import { LastingLink } from '../../src/link/lasting-link.ts';
import { Outbox } from '../../src/link/outbox.ts';
import { Pending } from '../../src/link/pending.ts';
import { Transit } from '../../src/link/transit.ts';

export const SOUND = { AnsweringLink, AskingLink, Assembly, LastingLink, Outbox, Pending, Transit };

export type Subject = typeof SOUND;

/** A plain function, so that it can be run on many subjects in one process. It fails by throwing. */
export interface Case {
  readonly name: string;
  readonly run: (subject: Subject) => Promise<void> | void;
}
