/**
 * A node that is no replica of a key hands the whole write on to the first replica it can reach; the write id
 * goes with it, so that a second try elsewhere is the same write. What comes back is the answer; no answer is
 * OUTCOME_UNKNOWN, never a guess.
 *
 * A replica that is silent is not waited for alone: 1. two of three primaries freeze; 2. a client has asked
 * both in vain, and asks a node that is no replica; 3. that hands on to the first of the frozen ones, and all
 * three wait until the client's time is up. So after a while the next one is asked beside it, if the request
 * may be repeated.
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
  readonly #unasked: NodeName[];
  readonly #timers: Timer[] = [];
  #underWay = 0;
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
    this.#unasked = choices(request, parts);
  }

  run(): Promise<WriteReply> {
    return new Promise<WriteReply>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#next();
    });
  }

  /** The next one is asked; when there is none, those under way are waited for. */
  #next(): void {
    if (this.#over) return;
    const node = this.#hasTime ? this.#unasked.shift() : undefined;
    if (node !== undefined) this.#ask(node);
    else if (this.#underWay === 0) this.#end(() => this.#reject(this.#why()));
  }

  get #hasTime(): boolean {
    const { cancelled, deadline } = this.#request.call;
    return !cancelled && deadline > this.#parts.clock.now();
  }

  #ask(node: NodeName): void {
    const { peers, metrics, pace, clock } = this.#parts;
    const { send, call, repeatable } = this.#request;
    metrics.count('write.handed-on');
    this.#underWay += 1;
    send(peers.coordinator(node)).then(
      reply => this.#end(() => this.#resolve(reply)),
      error => this.#failed(error),
    );
    const patienceMs = pace.suspectMs(node, call.deadline - clock.now());
    if (repeatable) this.#timers.push(clock.after(patienceMs, () => this.#next()));
  }

  #failed(error: unknown): void {
    this.#underWay -= 1;
    if (error instanceof ReplicaFailed && error.failure !== 'lost') this.#next();
    else this.#refused(error instanceof ShoalError ? error : lost(error));
  }

  /** What it says is the answer, unless one that was asked beside it may have a better one. */
  #refused(said: ShoalError): void {
    if (said.outcome === 'unknown') this.#doubt ??= said;
    this.#refusal = said;
    if (said.outcome === 'not applied' && TRY_ANOTHER.has(said.reason)) this.#next();
    else if (this.#underWay === 0) this.#end(() => this.#reject(this.#why()));
  }

  #why(): ShoalError {
    return this.#doubt ?? this.#refusal ?? nobody(this.#parts);
  }

  #end(act: () => void): void {
    if (this.#over) return;
    this.#over = true;
    for (const timer of this.#timers) timer.cancel();
    act();
  }
}

function choices({ list, strict }: HandOnRequest, { self, peers }: CoordinatorParts): NodeName[] {
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
