/** What comes over a link, through a door: the message read, the method called, the answer or the failure written. */
import type { Incoming } from '../link/incoming.ts';
import { type Codec, decoded, type Messages } from '../wire/messages.ts';
import type { Failure } from '../wire/status.ts';
import { type Door, type Method, serve } from './serving.ts';

/** A method and how its messages are written down. */
export interface Carriage {
  readonly method: Method<unknown, unknown>;
  readonly bulk: boolean;
  readonly request: Codec<never, unknown>;
  readonly reply: Codec<unknown, unknown>;
}

export interface AnsweringOptions {
  readonly door: Door;
  /** By the numbers of the dialect. */
  readonly carriages: ReadonlyMap<number, Carriage>;
  readonly messages: Messages;
}

const INVALID_ARGUMENT = 3;
const UNIMPLEMENTED = 12;

export function answering({ door, carriages, messages }: AnsweringOptions): (incoming: Incoming) => void {
  const fail = (incoming: Incoming, failure: Failure) => incoming.fail(messages.failure.encode(failure));
  return incoming => {
    const carriage = carriages.get(incoming.method);
    if (carriage === undefined)
      return fail(incoming, refused(UNIMPLEMENTED, 'this node does not know the call'));
    const message = decoded(carriage.request, incoming.body);
    if (message === undefined) {
      fail(incoming, refused(INVALID_ARGUMENT, 'the message is malformed'));
      return;
    }
    serve(door, carriage.method, arrivalOf(incoming, message))
      .then(served => {
        if ('reply' in served) incoming.reply(carriage.reply.encode(served.reply));
        else fail(incoming, served.failed);
      })
      // Only what cannot be encoded ends here; its sender is told nothing and gives it up.
      .catch(error =>
        door.log.error('an answer could not be sent', { method: carriage.method.name, why: String(error) }),
      );
  };
}

function arrivalOf(incoming: Incoming, message: unknown) {
  const { budgetMs, cancelled } = incoming;
  const onCancelled = (action: () => void) => incoming.onCancelled(action);
  return { message, budgetMs, cancelled, onCancelled };
}

function refused(status: number, message: string): Failure {
  return { status, reason: '', message, metadata: { outcome: 'not applied' } };
}
