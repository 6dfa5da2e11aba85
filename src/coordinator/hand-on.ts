/**
 * A node that is no replica of a key hands the whole write on, once, to the first replica it can reach; the
 * write id goes with it, so that a second try elsewhere is the same write. What comes back is the answer; no
 * answer is OUTCOME_UNKNOWN, never a guess.
 */
import { ShoalError } from '../base/errors.ts';
import type { NodeName } from '../base/ids.ts';
import type { PreferenceList } from '../core/ring/ring.ts';
import type { Call } from '../ports/call.ts';
import { ReplicaFailed } from '../ports/replica.ts';
import type { Requests, WriteReply } from '../ports/requests.ts';
import type { CoordinatorParts } from './parts.ts';

interface HandOnRequest {
  readonly list: PreferenceList;
  readonly strict: boolean;
  readonly call: Call;
  /** Why this node, a replica itself, does not do it: said again if nobody else can be asked. */
  readonly refusal?: ShoalError;
}

/** Refusals after which another replica may well say yes. */
const TRY_ANOTHER: ReadonlySet<string> = new Set(['STORAGE_FAULTED', 'DRAINING', 'NOT_READY', 'OVERLOADED']);

export async function handOn(
  request: HandOnRequest,
  parts: CoordinatorParts,
  send: (coordinator: Requests) => Promise<WriteReply>,
): Promise<WriteReply> {
  let { refusal } = request;
  for (const node of choices(request, parts)) {
    if (request.call.cancelled || request.call.deadline <= parts.clock.now()) break;
    try {
      parts.metrics.count('write.handed-on');
      return await send(parts.peers.coordinator(node));
    } catch (error) {
      if (error instanceof ReplicaFailed && error.failure !== 'lost') continue;
      if (!(error instanceof ShoalError)) throw lost(error);
      if (!(error.outcome === 'not applied' && TRY_ANOTHER.has(error.reason))) throw error;
      refusal = error;
    }
  }
  throw refusal ?? nobody(parts);
}

function choices({ list, strict }: HandOnRequest, { self, peers }: CoordinatorParts): readonly NodeName[] {
  const nodes = strict ? list.primaries : [...list.primaries, ...list.fallbacks];
  return nodes.filter(node => node !== self && peers.reachable(node));
}

function lost(cause: unknown): ShoalError {
  return new ShoalError('OUTCOME_UNKNOWN', 'the write was handed on and no answer came back', {
    outcome: 'unknown',
    cause,
  });
}

function nobody({ local }: CoordinatorParts): ShoalError {
  if (local.faulted)
    return new ShoalError(
      'STORAGE_FAULTED',
      'the disk of this node failed and no other replica can be reached',
    );
  return new ShoalError('QUORUM_UNREACHABLE', 'no replica of the key can be reached', {
    facts: { reachable: '0' },
  });
}
