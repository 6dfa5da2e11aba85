/**
 * Runs a client's request: check, find the preference list, and then either do it here or hand it on, whole,
 * to a replica of the key (DESIGN §6). A write is coordinated by a replica, so that only nodes that hold a
 * row mint dots for it (TRAPS C7); a read by whoever was asked. What counts as enough is decided in core
 * (tallies), what a record becomes in core (record); here is the order of things.
 */
import { ShoalError } from '../base/errors.ts';
import { type NodeName, WRITE_ID_BYTES, type WriteId, writeId } from '../base/ids.ts';
import { checkNames, checkQuorum, type QuorumOf } from '../core/limits.ts';
import type { Cluster } from '../core/membership/cluster.ts';
import { type Candidate, type Plan, plan } from '../core/quorum/candidates.ts';
import { decodeContext } from '../core/record/context.ts';
import type { Seen } from '../core/record/record.ts';
import { type KeyPlace, placeKey } from '../core/ring/placement.ts';
import { type PreferenceList, preferenceList } from '../core/ring/ring.ts';
import type { Call } from '../ports/call.ts';
import type {
  DeleteRequest,
  GetReply,
  GetRequest,
  PutRequest,
  Requests,
  WriteReply,
} from '../ports/requests.ts';
import { type Change, deletion, insertion } from './changes.ts';
import { handOn } from './hand-on.ts';
import { Missing } from './missing.ts';
import type { CoordinatorParts } from './parts.ts';
import { ReadRound } from './read-round.ts';
import { getReply } from './replies.ts';
import { Write } from './write.ts';

const R_DEFAULT = 2;
const W_DEFAULT = 2;

/** Where a key is and how it is to be treated: found once per request. */
interface Job {
  readonly cluster: Cluster;
  readonly place: KeyPlace;
  readonly list: PreferenceList;
  /** R or W. */
  readonly required: number;
  readonly strict: boolean;
  readonly call: Call;
}

interface Addressed {
  readonly bucket: string;
  readonly key: string;
  readonly strict: boolean;
}

interface WriteAddressed extends Addressed {
  readonly w: number;
}

interface Quorum {
  readonly what: QuorumOf;
  readonly asked: number;
  readonly fallback: number;
  readonly call: Call;
}

/** A write done by this node, or by the coordinator it is handed on to. */
interface Ways {
  /** A second try is the same write: it has an id, or says what it has seen. */
  readonly repeatable: boolean;
  readonly here: (job: Job) => Promise<WriteReply>;
  readonly elsewhere: (to: Requests) => Promise<WriteReply>;
}

type NamedPut = PutRequest & { readonly writeId: WriteId };

export class Coordinator implements Requests {
  readonly #parts: CoordinatorParts;

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
  }

  async get(request: GetRequest, call: Call): Promise<GetReply> {
    const job = this.#job(request, { what: 'replies', asked: request.r, fallback: R_DEFAULT, call });
    const { cluster, place, required, strict } = job;
    const round = new ReadRound({ place, plan: this.#plan(job), required, strict, call }, this.#parts);
    const { shown, replicas } = await round.run();
    return getReply({ record: shown?.record, replicas, of: { cluster: cluster.id, place } });
  }

  put(asked: PutRequest, call: Call): Promise<WriteReply> {
    const request = this.#named(asked);
    return this.#hereOrElsewhere(request, call, {
      repeatable: true,
      here: job => this.#put(job, request),
      elsewhere: to => to.put(request, call),
    });
  }

  delete(request: DeleteRequest, call: Call): Promise<WriteReply> {
    return this.#hereOrElsewhere(request, call, {
      repeatable: request.context.byteLength > 0,
      here: job => this.#delete(job, request),
      elsewhere: to => to.delete(request, call),
    });
  }

  /** The same for what another node handed on: it goes no further. */
  readonly handedOn: Requests = {
    get: (request, call) => this.get(request, call),
    put: async (request, call) => await this.#put(this.#writeJob(request, call), this.#named(request)),
    delete: async (request, call) => await this.#delete(this.#writeJob(request, call), request),
  };

  /** A row that cannot be read here, perhaps only now, is no reason to refuse what others can coordinate. */
  async #hereOrElsewhere(
    request: WriteAddressed,
    call: Call,
    { repeatable, here, elsewhere }: Ways,
  ): Promise<WriteReply> {
    const job = this.#writeJob(request, call);
    const handedOn = { ...job, repeatable, send: elsewhere };
    if (!this.#coordinatesHere(job)) return await handOn(handedOn, this.#parts);
    try {
      return await here(job);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      return await handOn({ ...handedOn, refusal: error }, this.#parts);
    }
  }

  #put(job: Job, { writeId, value, overwrite, context }: NamedPut): Promise<WriteReply> {
    if (overwrite && context.byteLength > 0) {
      throw new ShoalError('BAD_CONTEXT', 'a put has either a context or overwrite, not both');
    }
    const seen = overwrite ? 'whatever is there' : this.#seen(context, job);
    return this.#run(job, insertion({ writeId, value, seen }));
  }

  #delete(job: Job, { context }: DeleteRequest): Promise<WriteReply> {
    const seen = context.byteLength === 0 ? 'whatever is there' : this.#seen(context, job);
    return this.#run(job, deletion(seen));
  }

  /**
   * At once, unless to read the own row would hold the loop up: then it is warmed, for as long as the client
   * waits (I10).
   */
  #run(job: Job, change: Change): Promise<WriteReply> {
    const { local, clock } = this.#parts;
    const warming = local.warm(job.place);
    if (warming === undefined) return this.#write(job).run(change);
    return warming.then(() => {
      const { cancelled, deadline } = job.call;
      if (cancelled || deadline <= clock.now())
        throw new ShoalError('EXPIRED', 'the deadline passed before the row was read');
      return this.#write(job).run(change);
    });
  }

  #named(request: PutRequest): NamedPut {
    if (isNamed(request)) return request;
    return { ...request, writeId: writeId(this.#parts.random.bytes(WRITE_ID_BYTES)) };
  }

  #write(job: Job): Write {
    const planned = this.#plan(job);
    const here = this.#ownCandidate(job, planned);
    const chosen = planned.spares.includes(here.node) ? withoutSpare(planned, here.node) : planned;
    const possible = planned.candidates.length + planned.spares.length;
    if (possible < job.required) throw unreachableQuorum(job, { reachable: possible, down: planned.down });
    const { cluster, place, required, strict, call } = job;
    return new Write({ cluster, place, plan: chosen, here, required, strict, call }, this.#parts);
  }

  #writeJob(request: WriteAddressed, call: Call): Job {
    return this.#job(request, { what: 'acknowledgements', asked: request.w, fallback: W_DEFAULT, call });
  }

  #job(request: Addressed, quorum: Quorum): Job {
    checkNames(request);
    const cluster = this.#parts.cluster();
    if (cluster === undefined)
      throw new ShoalError('NOT_READY', 'this node waits for the cluster to be born; see its status');
    if (quorum.call.deadline <= this.#parts.clock.now())
      throw new ShoalError('EXPIRED', 'the deadline had passed on arrival');
    const place = placeKey(request);
    const list = preferenceList(cluster.ring, place.partition);
    const required = checkQuorum(quorum.asked, { ...quorum, n: list.primaries.length });
    return { cluster, place, list, required, strict: request.strict, call: quorum.call };
  }

  #plan({ list, strict }: Job): Plan {
    const { self, peers } = this.#parts;
    return plan(list, { self, strict, reachable: node => peers.reachable(node) });
  }

  #seen(context: Uint8Array, { cluster, place }: Job): Seen {
    return context.byteLength === 0
      ? NOTHING_SEEN_YET
      : decodeContext(context, { cluster: cluster.id, place });
  }

  /** A primary with a sound disk; or, in sloppy mode when no primary is up, the first fallback that is. */
  #coordinatesHere({ list, strict }: Job): boolean {
    const { self, peers, local } = this.#parts;
    if (local.faulted) return false;
    if (list.primaries.includes(self)) return true;
    if (strict || list.primaries.some(node => peers.reachable(node))) return false;
    return list.fallbacks.find(node => peers.reachable(node)) === self;
  }

  /** This node's part in the plan: as the primary it is, or as the stand-in it becomes by coordinating. */
  #ownCandidate(job: Job, chosen: Plan): Candidate {
    const { list, strict } = job;
    const { self } = this.#parts;
    const planned = chosen.candidates.find(({ node }) => node === self);
    if (planned !== undefined) return planned;
    if (strict || list.primaries.includes(self))
      throw unreachableQuorum(job, { reachable: 0, down: chosen.down });
    return { node: self, role: 'fallback', standsInFor: undefined };
  }
}

function isNamed(request: PutRequest): request is NamedPut {
  return request.writeId !== undefined;
}

function withoutSpare(plan: Plan, spare: NodeName): Plan {
  return { ...plan, spares: plan.spares.filter(node => node !== spare) };
}

const NOTHING_SEEN_YET: Seen = { vector: [], writes: [] };

/** Nothing was sent to anybody: a disk that fails later leaves the outcome unknown. */
function isUnreadable(error: unknown): error is ShoalError {
  return error instanceof ShoalError && error.reason === 'STORAGE_FAULTED' && error.outcome === 'not applied';
}

function unreachableQuorum(
  { required }: Job,
  { reachable, down }: { reachable: number; down: Plan['down'] },
): ShoalError {
  const why = new Missing(down).toText();
  return new ShoalError(
    'QUORUM_UNREACHABLE',
    `${required} replicas are needed, ${reachable} can be reached${why}`,
    {
      facts: { required: String(required), reachable: String(reachable) },
    },
  );
}
