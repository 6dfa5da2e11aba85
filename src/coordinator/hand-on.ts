/**
 * A node that is no replica of a key hands the whole write on to the first replica it can reach; the write id
 * goes with it, so that a second try elsewhere is the same write. What comes back is the answer; no answer is
 * OUTCOME_UNKNOWN, never a guess.
 *
 * A replica that is silent is not waited for alone: 1. two of three primaries freeze; 2. a client has asked
 * both in vain, and asks a node that is no replica; 3. that hands on to the first of the frozen ones, and all
 * three wait until the client's time is up. So after a while another primary is asked beside it, if the
 * request may be repeated.
 *
 * That is done once, and no stand-in is asked while a primary is up (TRAPS O2, O3): 1. all disks stall for
 * two seconds; 2. every node asked is silent, and so is the next; 3. each of them has replicas and stand-ins
 * of its own to ask, and one write has become fifty when the disks come back.
 */
import { ShoalError } from '../base/errors.ts';
import type { NodeName } from '../base/ids.ts';
import type { PreferenceList } from '../core/ring/ring.ts';
import type { Call } from '../ports/call.ts';
import type { Timer } from '../ports/clock.ts';
import { ReplicaFailed } from '../ports/replica.ts';
import type { Requests, WriteReply } from '../ports/requests.ts';
import type { CoordinatorParts } from './parts.ts';

export interface HandOnRequest {
  readonly list: PreferenceList;
  readonly strict: boolean;
  readonly call: Call;
  /** A second try is the same write. */
  readonly repeatable: boolean;
  /** Why this node, a replica itself, does not do it: said again if nobody else can be asked. */
  readonly refusal?: ShoalError;
  readonly send: (coordinator: Requests) => Promise<WriteReply>;
}

/** Refusals after which another replica may well say yes. */
const TRY_ANOTHER: ReadonlySet<string> = new Set(['STORAGE_FAULTED', 'DRAINING', 'NOT_READY', 'OVERLOADED']);

export function handOn(request: HandOnRequest, parts: CoordinatorParts): Promise<WriteReply> {
  return new HandOn(request, parts).run();
}

class HandOn {
  readonly #request: HandOnRequest;
  readonly #parts: CoordinatorParts;
  readonly #asked: NodeName[] = [];
  /** Could not be asked, or will not do it whoever asks; who has too much to do is none of them. */
  readonly #unable: NodeName[] = [];
  #patience: Timer | undefined;
  #underWay = 0;
  #askedBeside = false;
  /** Of an attempt that may have been applied. */
  #doubt: ShoalError | undefined;
  #refusal: ShoalError | undefined;
  #over = false;
  #resolve: (reply: WriteReply) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(request: HandOnRequest, parts: CoordinatorParts) {
    this.#request = request;
    this.#parts = parts;
    this.#refusal = request.refusal;
  }

  run(): Promise<WriteReply> {
    return new Promise<WriteReply>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#next();
    });
  }

  /** In the place of one that has failed; when there is nobody, those under way are waited for. */
  #next(): void {
    if (this.#over) return;
    const node = this.#choice();
    if (node !== undefined) this.#ask(node);
    else if (this.#underWay === 0) this.#end(() => this.#reject(this.#why()));
  }

  #beside(): void {
    const node = this.#choice();
    if (node === undefined) return;
    this.#askedBeside = true;
    this.#ask(node);
  }

  /** As things are now: who was up when the request came may not be by the time that it would be asked. */
  #choice(): NodeName | undefined {
    if (!this.#hasTime) return undefined;
    const { list, strict } = this.#request;
    const primary = list.primaries.find(node => this.#mayAsk(node));
    if (primary !== undefined || strict || list.primaries.some(node => this.#isUp(node))) return primary;
    return list.fallbacks.find(node => this.#mayAsk(node));
  }

  #mayAsk(node: NodeName): boolean {
    return this.#isUp(node) && !this.#asked.includes(node);
  }

  #isUp(node: NodeName): boolean {
    const { self, peers } = this.#parts;
    return node !== self && !this.#unable.includes(node) && peers.reachable(node);
  }

  get #hasTime(): boolean {
    const { cancelled, deadline } = this.#request.call;
    return !cancelled && deadline > this.#parts.clock.now();
  }

  #ask(node: NodeName): void {
    const { peers, metrics } = this.#parts;
    metrics.count('write.handed-on');
    this.#asked.push(node);
    this.#underWay += 1;
    this.#request.send(peers.coordinator(node)).then(
      reply => this.#end(() => this.#resolve(reply)),
      error => this.#failed(node, error),
    );
    if (this.#request.repeatable && !this.#askedBeside) this.#waitFor(node);
  }

  #waitFor(node: NodeName): void {
    const { pace, clock } = this.#parts;
    const ms = pace.coordinatorMs(node, this.#request.call.deadline - clock.now());
    this.#patience = clock.after(ms, () => this.#beside());
  }

  #failed(node: NodeName, error: unknown): void {
    this.#underWay -= 1;
    // It was the patience with this one, unless another was asked beside; then there is none any more.
    this.#patience?.cancel();
    if (error instanceof ReplicaFailed && error.failure !== 'lost') {
      this.#unable.push(node);
      this.#next();
    } else this.#refused(node, error instanceof ShoalError ? error : lost(error));
  }

  /** What it says is the answer, unless one that was asked beside it may have a better one. */
  #refused(node: NodeName, said: ShoalError): void {
    if (said.outcome === 'unknown') this.#doubt ??= said;
    this.#refusal = said;
    if (said.outcome === 'not applied' && TRY_ANOTHER.has(said.reason)) {
      if (said.reason !== 'OVERLOADED') this.#unable.push(node);
      this.#next();
    } else if (this.#underWay === 0) this.#end(() => this.#reject(this.#why()));
  }

  #why(): ShoalError {
    return this.#doubt ?? this.#refusal ?? nobody(this.#parts);
  }

  #end(act: () => void): void {
    if (this.#over) return;
    this.#over = true;
    this.#patience?.cancel();
    act();
  }
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
