/**
 * Waits until a node and its peers agree: asks it for its status again and again. One that does not answer
 * for a while may be busy; one that was restarted has forgotten the request, and would never say that it is
 * done.
 */
import { type ClusterStatus, ShoalError } from '../../client/index.ts';
import type { AskedRepair } from '../../ports/overview.ts';
import { CommandFailed, EXIT } from '../exit.ts';
import { RepairCourse } from './course.ts';
import { type At, timeoutSentence } from './sentences.ts';

export interface WaitingParts {
  readonly at: At;
  /** The number of the request. */
  readonly asked: AskedRepair['asked'];
  /** Undefined: as long as it takes. */
  readonly timeoutMs: number | undefined;
  /** For so long it may not answer. */
  readonly silenceMs: number;
  /** Of that very node. Rejects with ShoalError. */
  readonly status: (timeoutMs: number) => Promise<ClusterStatus>;
  /** Milliseconds. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Called with each status. */
  readonly show: (course: RepairCourse) => void;
}

const LOOK_MS = 200;
/** A node that is overrun answers in some hundred milliseconds. */
const ANSWER_MS_MAX = 1_000;

/** Resolves when they agree. Rejects with CommandFailed. */
export async function untilAgreed(parts: WaitingParts): Promise<RepairCourse> {
  const { asked, timeoutMs = Number.POSITIVE_INFINITY, now, sleep, show } = parts;
  const began = now();
  const course = new RepairCourse(asked, began);
  let answeredAt = began;
  while (true) {
    const restMs = began + timeoutMs - now();
    const status = await ask(parts, { restMs, silentMs: now() - answeredAt });
    if (status !== undefined) {
      check(status, parts);
      answeredAt = now();
      course.saw(status, answeredAt);
      show(course);
      if (course.done) return course;
    }
    if (now() - began >= timeoutMs) throw failed(timeoutSentence(parts.at, course, timeoutMs), course);
    await sleep(Math.min(LOOK_MS, began + timeoutMs - now()));
  }
}

/** Undefined when it does not answer just now. */
async function ask(
  { status, silenceMs, at }: WaitingParts,
  { restMs, silentMs }: { readonly restMs: number; readonly silentMs: number },
): Promise<ClusterStatus | undefined> {
  try {
    return await status(Math.max(1, Math.min(ANSWER_MS_MAX, restMs)));
  } catch (error) {
    if (!(error instanceof ShoalError)) throw error;
    if (silentMs < silenceMs) return undefined;
    const { node, address } = at;
    throw failed(
      `${node} does not answer at ${address} any more (${error.message}); see who is down by asking another node: shoal status --addr HOST:PORT`,
    );
  }
}

/** Whether this node will ever say that it is done. */
function check(status: ClusterStatus, { at, asked }: WaitingParts): void {
  const { node, address } = at;
  if (status.node !== node) throw failed(`${status.node} answers at ${address} now, and ${node} was asked`);
  if (status.repair.asked < asked) {
    throw failed(
      `${node} was restarted meanwhile, and has forgotten what was asked of it; ask again: shoal repair --wait --addr ${address}`,
    );
  }
  if (status.state === 'draining') throw failed(`${node} is shutting down; ask again when it is back`);
  if (status.state === 'storage-faulted') {
    throw failed(`the disk of ${node} has failed, and it takes nothing in; see its log, then restart it`);
  }
}

/** @param course as far as it came */
function failed(sentence: string, course?: RepairCourse): RepairFailed {
  return new RepairFailed(`shoal: ${sentence}`, course);
}

/** The waiting ended without agreement. */
export class RepairFailed extends CommandFailed {
  readonly course: RepairCourse | undefined;

  constructor(line: string, course: RepairCourse | undefined) {
    super(EXIT.error, line);
    this.course = course;
  }
}
