/**
 * What comes over a link, through a door: the method called with the message when it is its turn, the answer
 * or the failure written. A message is read only then, and what a refusal says is written down once: to
 * refuse a request costs less than a tenth of what it costs to carry it.
 */
import type { Incoming } from '../link/incoming.ts';
import { type Codec, decoded, type Messages } from '../wire/messages.ts';
import type { Failure } from '../wire/status.ts';
import { refusalOf } from './refusals.ts';
import { type Door, type Method, Visit } from './serving.ts';
import type { Refusal } from './work.ts';

/** A method and how its messages are written down. */
export interface Carriage {
  readonly method: Method<unknown, unknown>;
  readonly bulk: boolean;
  readonly request: Codec<never, unknown>;
  readonly reply: Codec<unknown, unknown>;
}

/** The method and its messages fit each other here, and nobody behind need know which they are. */
export function carriage<I, O>(method: Method<I, O>, carried: Carried<I, O>): Carriage {
  const { bulk, request, reply } = carried;
  return { method, bulk, request, reply } as Carriage;
}

interface Carried<I, O> {
  readonly bulk: boolean;
  readonly request: Codec<never, I>;
  readonly reply: Codec<O, unknown>;
}

export interface AnsweringOptions {
  readonly door: Door;
  /** By the numbers of the dialect. */
  readonly carriages: ReadonlyMap<number, Carriage>;
  readonly messages: Messages;
}

const UNKNOWN_CALL: Failure = {
  status: 12,
  reason: '',
  message: 'this node does not know the call',
  metadata: { outcome: 'not applied' },
};

export function answering(options: AnsweringOptions): (incoming: Incoming) => void {
  const { carriages, messages } = options;
  const ways = new Map([...carriages].map(([number, carried]) => [number, wayOf(carried, options)]));
  const unknown = messages.failure.encode(UNKNOWN_CALL);
  return incoming => {
    const way = ways.get(incoming.method);
    if (way === undefined) incoming.fail(unknown);
    else new LinkVisit(incoming, way).enter();
  };
}

interface Way {
  readonly door: Door;
  readonly carriage: Carriage;
  readonly failure: Messages['failure'];
  /** Encoded. */
  readonly refusals: Readonly<Record<Refusal, Uint8Array>>;
}

function wayOf(carried: Carriage, { door, messages: { failure } }: AnsweringOptions): Way {
  const refusal = (why: Refusal) => failure.encode(refusalOf(carried.method, why));
  return {
    door,
    carriage: carried,
    failure,
    refusals: {
      OVERLOADED: refusal('OVERLOADED'),
      DRAINING: refusal('DRAINING'),
      EXPIRED: refusal('EXPIRED'),
      CANCELLED: refusal('CANCELLED'),
    },
  };
}

class LinkVisit extends Visit<unknown, unknown> {
  readonly #incoming: Incoming;
  readonly #way: Way;

  constructor(incoming: Incoming, way: Way) {
    super(way.door, way.carriage.method, {
      budgetMs: incoming.budgetMs,
      waitedMs: incoming.waitedMs,
      bytes: incoming.body.byteLength,
    });
    this.#incoming = incoming;
    this.#way = way;
  }

  override get cancelled(): boolean {
    return this.#incoming.cancelled;
  }

  protected message(): unknown {
    return decoded(this.#way.carriage.request, this.#incoming.body);
  }

  protected reply(answer: unknown): void {
    this.#incoming.reply(this.#way.carriage.reply.encode(answer));
  }

  protected fail(failure: Failure): void {
    this.#incoming.fail(this.#way.failure.encode(failure));
  }

  protected turnAway(why: Refusal): void {
    this.#incoming.fail(this.#way.refusals[why]);
  }

  protected onCancelled(action: () => void): void {
    this.#incoming.onCancelled(action);
  }
}
