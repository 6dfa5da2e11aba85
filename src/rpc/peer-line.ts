/**
 * The line to one other node: asks over the channel of the address it has now, and reports to the node how
 * that went. The channel changes when the address does, or when it is kicked; the line stays. How much may be
 * under way is bounded by the link (link/asking.ts).
 */
import type { Ending, Refusal } from '../link/asking.ts';
import type { Call } from '../ports/call.ts';
import { ReplicaFailed, type Failure as ReplicaFailure } from '../ports/replica.ts';
import { decoded, type Messages } from '../wire/messages.ts';
import type { Failure } from '../wire/status.ts';
import type { Channel } from './channel.ts';
import type { PeerMethod, PeerProtocol } from './peer-protocol.ts';
import { readReplicaFailure } from './replica-failure.ts';
import type { Traffic } from './traffic.ts';

export interface LineOptions {
  readonly protocol: PeerProtocol;
  readonly messages: Messages;
  /** Undefined while no address is known, and after closing. */
  readonly channel: () => Channel | undefined;
  readonly traffic: Traffic;
  /** Any answer came that was no refusal. */
  readonly heard: () => void;
  /**
   * What it tells of the other side, `not sent`: nobody is there. Not told of what its asker gave up, nor of
   * what was not taken.
   */
  readonly failed: (failure: ReplicaFailure) => void;
}

/** The other side said no, in a form that is not a replica's. */
export class PeerRefused extends Error {
  override readonly name = 'PeerRefused';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

const UNIMPLEMENTED = 12;
const NOWHERE: Refusal = { because: 'not reachable', why: 'there is no address to send it to' };
const MALFORMED = 'its answer is malformed';

export class PeerLine {
  readonly #options: LineOptions;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  get protocol(): PeerProtocol {
    return this.#options.protocol;
  }

  /** Rejects with ReplicaFailed, or with PeerRefused. */
  ask<I, IRead, O, ORead>(method: PeerMethod<I, IRead, O, ORead>, message: I, call: Call): Promise<ORead> {
    return new Promise((resolve, reject) => {
      const channel = this.#options.channel();
      const body = method.request.encode(message);
      const refusal =
        channel === undefined
          ? NOWHERE
          : channel.ask({
              method: method.number,
              body,
              bulk: method.bulk,
              call,
              settle: ending => this.#settle(ending, { method, resolve, reject }),
            });
      if (refusal === undefined) this.#options.traffic.add(method.about, body);
      else reject(notTaken(refusal));
    });
  }

  #settle<I, IRead, O, ORead>(
    ending: Ending,
    { method, resolve, reject }: Settling<I, IRead, O, ORead>,
  ): void {
    const { heard, failed, messages, traffic } = this.#options;
    if ('why' in ending) {
      if (ending.because !== 'given up') failed(ending.because === 'never open' ? 'not sent' : 'lost');
      reject(new ReplicaFailed(ending.kind, ending.why));
      return;
    }
    traffic.add(method.about, ending.body);
    if (ending.kind === 'failure') {
      const error = errorIn(decoded(messages.failure, ending.body));
      if (!isRefusal(error)) heard();
      reject(error);
      return;
    }
    heard();
    const reply = decoded(method.reply, ending.body);
    if (reply === undefined) reject(new ReplicaFailed('lost', MALFORMED));
    else resolve(reply);
  }
}

interface Settling<I, IRead, O, ORead> {
  readonly method: PeerMethod<I, IRead, O, ORead>;
  readonly resolve: (reply: ORead) => void;
  readonly reject: (error: Error) => void;
}

function notTaken({ because, why }: Refusal): ReplicaFailed {
  return new ReplicaFailed(because === 'too much' ? 'overloaded' : 'not sent', why);
}

/** It may be another's, who answers at that address now: 'this is n3, not n1'. */
function isRefusal(error: Error): boolean {
  return error instanceof ReplicaFailed && error.failure === 'refused';
}

function errorIn(failure: Failure | undefined): Error {
  if (failure === undefined) return new ReplicaFailed('lost', MALFORMED);
  if (failure.status === UNIMPLEMENTED) return new ReplicaFailed('refused', 'it does not know this call');
  return readReplicaFailure(failure) ?? new PeerRefused(failure);
}
