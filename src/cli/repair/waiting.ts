/**
 * Waits until a node and its peers agree: asks it for its status again and again, and now and then those it
 * waits for, which know best what keeps them. One that does not answer for a while may be busy; one that was
 * restarted has forgotten the request, and would never say that it is done.
 */
import { type ClusterStatus, type MemberStatus, ShoalError } from '../../client/index.ts';
import type { AskedRepair } from '../../ports/overview.ts';
import { CommandFailed, EXIT } from '../exit.ts';
import { RepairCourse } from './course.ts';
import type { At } from './sentences.ts';
import { timeoutSentence } from './time-is-over.ts';

export interface WaitingParts {
  readonly at: At;
  /** The number of the request. */
  readonly asked: AskedRepair['asked'];
  /** When the command was given, by `now`. */
  readonly began: number;
  /** From then on; undefined: as long as it takes. */
  readonly timeoutMs: number | undefined;
  /** For so long it may not answer. */
  readonly silenceMs: number;
  /** Of that very node. Rejects with ShoalError. */
  readonly status: (timeoutMs: number) => Promise<ClusterStatus>;
  /** Of those of these members that answer. */
  readonly peers: (asking: PeersAsking) => Promise<readonly ClusterStatus[]>;
  /** Milliseconds. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Called with each status. */
  readonly show: (course: RepairCourse) => void;
}

export interface PeersAsking {
  /** The node that names the members. */
  readonly asked: ClusterStatus;
  readonly members: readonly MemberStatus[];
  readonly timeoutMs: number;
}

const LOOK_MS = 200;
/** A node that is overrun answers in some hundred milliseconds. */
const ANSWER_MS_MAX = 1_000;
/** Most repairs have ended before any peer is asked. */
const PEERS_EVERY_MS = 2_000;
/** Of the time there is; for whoever allows little has to be told as much. */
const PEERS_AFTER = 1 / 4;

/** Resolves when they agree. Rejects with CommandFailed. */
export async function untilAgreed(parts: WaitingParts): Promise<RepairCourse> {
  const { asked, began, timeoutMs = Number.POSITIVE_INFINITY, now, sleep, show } = parts;
  const course = new RepairCourse(asked, began);
  const restMs = () => began + timeoutMs - now();
  let answeredAt = now();
  let peersAt = began + Math.min(PEERS_EVERY_MS, timeoutMs * PEERS_AFTER);
  while (true) {
    const status = await ask(parts, { course, restMs: restMs(), silentMs: now() - answeredAt });
    if (status !== undefined) {
      check(status, parts);
      answeredAt = now();
      course.saw(status, answeredAt);
      show(course);
      if (course.done) return course;
    }
    if (restMs() <= 0) throw failed(timeoutSentence(parts.at, course, timeoutMs), course);
    if (now() >= peersAt) {
      await hearPeers(parts, { course, restMs: restMs() });
      peersAt = now() + PEERS_EVERY_MS;
    }
    await sleep(Math.max(0, Math.min(LOOK_MS, restMs())));
  }
}

interface Looking {
  readonly course: RepairCourse;
  readonly restMs: number;
}

/** Undefined when it does not answer just now. */
async function ask(
  { status, silenceMs, at }: WaitingParts,
  { course, restMs, silentMs }: Looking & { readonly silentMs: number },
): Promise<ClusterStatus | undefined> {
  try {
    return await status(Math.max(1, Math.min(ANSWER_MS_MAX, restMs)));
  } catch (error) {
    if (!(error instanceof ShoalError)) throw error;
    if (silentMs < silenceMs) return undefined;
    throw failed(silenceSentence(at, error, course), course);
  }
}

/** Those that are waited for, and can be asked. */
async function hearPeers({ peers }: WaitingParts, { course, restMs }: Looking): Promise<void> {
  const { status: asked, holdUps } = course;
  const awaited = new Set(holdUps.filter(({ reason }) => reason !== 'down').map(({ node }) => node));
  const members = asked?.members.filter(({ name }) => awaited.has(name)) ?? [];
  if (asked !== undefined && members.length > 0)
    course.heard(await peers({ asked, members, timeoutMs: restMs }));
}

function silenceSentence(
  { node, address }: At,
  { reason, detail }: ShoalError,
  { status }: RepairCourse,
): string {
  const others = (status?.members ?? []).filter(({ name, up }) => name !== node && up);
  const addresses = others.map(other => other.address).join(',') || 'HOST:PORT';
  return `${node} does not answer at ${address} any more (${reason}: ${detail}); see who is down by asking another node: shoal status --addr ${addresses}`;
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
