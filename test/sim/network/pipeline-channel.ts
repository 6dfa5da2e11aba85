/**
 * Operations of a client to one node over KV.Pipeline: the link of production with the dialect for clients,
 * and what its endings mean for who waits. Which node to ask and whether to ask again is the client's
 * business; the SDK has its own tests.
 */
import { ShoalError } from '../../../src/base/errors.ts';
import type { Ending } from '../../../src/link/asking.ts';
import type { Call } from '../../../src/ports/call.ts';
import type { Channel } from '../../../src/rpc/channel.ts';
import { decoded, type Messages } from '../../../src/wire/messages.ts';
import { PIPELINE_METHOD } from '../../../src/wire/pipeline-dialect.ts';
import { fromFailure } from '../../../src/wire/status.ts';
import type { Sendable } from './unary-channel.ts';

export class PipelineChannel {
  readonly #channel: Channel;
  readonly #messages: Messages;

  constructor(channel: Channel, messages: Messages) {
    this.#channel = channel;
    this.#messages = messages;
  }

  /** Rejects with ShoalError. */
  send<I, O>(method: Sendable<I, O>, message: I, call: Call): Promise<O> {
    const name = nameOf(method) as keyof typeof PIPELINE_METHOD;
    const body = method.requestSerialize(message);
    return new Promise((resolve, reject) => {
      const settle = (ending: Ending) => {
        if (ending.kind === 'reply') resolve(method.responseDeserialize(ending.body as Buffer));
        else reject(this.#error(ending, { write: name !== 'Get' }));
      };
      const refusal = this.#channel.ask({ method: PIPELINE_METHOD[name], body, bulk: false, call, settle });
      if (refusal !== undefined) settle({ kind: 'not sent', because: 'given up', why: refusal.why });
    });
  }

  #error(ending: Ending, { write }: { readonly write: boolean }): ShoalError {
    if ('why' in ending) {
      const mayBeDone = write && ending.kind === 'lost';
      return mayBeDone
        ? new ShoalError('OUTCOME_UNKNOWN', ending.why, { outcome: 'unknown' })
        : new ShoalError('UNREACHABLE', ending.why);
    }
    return fromFailure(decoded(this.#messages.failure, ending.body)!, { write });
  }
}

/** `Get` of `/shoal.v1.KV/Get`. */
export function nameOf({ path }: Pick<Sendable<never, unknown>, 'path'>): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
