/** What somebody at a terminal does next about each reason; undefined where the message says it already. */
import type { Reason } from '../base/errors.ts';

const ADVICE: Readonly<Record<Reason, string | undefined>> = {
  BAD_KEY: undefined,
  BAD_VALUE: undefined,
  BAD_CONTEXT: undefined,
  BAD_QUORUM: undefined,
  QUORUM_UNREACHABLE: 'see who is down: shoal status',
  OUTCOME_UNKNOWN: 'it may have been written, or be written yet: read the key before you write it again',
  OVERLOADED: 'try again in a moment',
  EXPIRED: 'allow more time with --deadline, ask another node with --addr, or see who is down: shoal status',
  DRAINING: 'ask another node with --addr',
  NOT_READY: 'see who is awaited: shoal status',
  TOO_MANY_SIBLINGS: 'merge them: read the key, then write it with the context shown',
  RECORD_TOO_LARGE: 'write less, or merge its siblings: read the key, then write it with the context shown',
  STORAGE_FAULTED: 'a disk has failed: see the log of that node, then restart it',
  CANCELLED: undefined,
  UNREACHABLE: 'is a node running there? Name others with --addr, or start some: shoal cluster',
  INTERNAL: 'this is a defect of Shoal; the log of the node says more',
};

/**
 * What is to be typed names the nodes that were named.
 * @param addr as --addr takes it; undefined: none was
 */
export function adviceFor(reason: Reason, addr: string | undefined): string | undefined {
  const advice = ADVICE[reason];
  return addr === undefined ? advice : advice?.replace(/shoal status$/, `$& --addr ${addr}`);
}
