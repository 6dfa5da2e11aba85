/** The streams that are open at a door: so many at most, each with so much under way, all of them ended when the door closes. */
import type { Buffer } from 'node:buffer';
import { ShoalError } from '../base/errors.ts';
import { AnsweringLink } from '../link/answering-link.ts';
import type { OpenDuplex } from '../ports/duplex.ts';
import type { Turns } from '../ports/turns.ts';
import type { Dialect } from '../wire/frame.ts';
import type { Messages } from '../wire/messages.ts';
import { failureOf } from '../wire/status.ts';
import { answering, type Carriage } from './answering.ts';
import { serverStream } from './grpc-stream.ts';
import type { StreamHandler } from './service.ts';
import type { Door } from './serving.ts';

export interface ServedLinksOptions {
  readonly door: Door;
  readonly carriages: ReadonlyMap<number, Carriage>;
  readonly messages: Messages;
  readonly dialect: Dialect;
  readonly turns: Turns;
  /** Requests under way on one stream. */
  readonly callsMax: number;
  readonly streamsMax: number;
}

const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

export class ServedLinks {
  readonly #options: ServedLinksOptions;
  readonly #onAsk: ReturnType<typeof answering>;
  readonly #refusal: Buffer;
  readonly #links = new Set<AnsweringLink>();
  #closed = false;

  constructor(options: ServedLinksOptions) {
    this.#options = options;
    this.#onAsk = answering(options);
    const tooMany = new ShoalError(
      'OVERLOADED',
      'too much is under way on this stream; wait for its answers',
    );
    this.#refusal = options.messages.failure.encode(failureOf(tooMany));
  }

  readonly handler: StreamHandler = call => {
    const { streamsMax } = this.#options;
    const link = this.accept(serverStream(call));
    if (this.#closed) link.cut({ status: UNAVAILABLE, why: 'this node is shutting down; ask another one' });
    else if (this.#links.size > streamsMax)
      link.cut({ status: RESOURCE_EXHAUSTED, why: `there are ${streamsMax} streams already; use fewer` });
  };

  accept(open: OpenDuplex): AnsweringLink {
    const { door, carriages, dialect, turns, callsMax } = this.#options;
    const link: AnsweringLink = new AnsweringLink({
      open,
      dialect,
      clock: door.clock,
      turns,
      callsMax,
      refusal: this.#refusal,
      isBulk: method => carriages.get(method)?.bulk ?? false,
      onAsk: this.#onAsk,
      onEnded: () => this.#links.delete(link),
    });
    this.#links.add(link);
    return link;
  }

  /** Each stream ends when what is under way on it is answered; new ones are turned away. */
  finish(): void {
    this.#closed = true;
    for (const link of [...this.#links]) link.finish();
  }
}
