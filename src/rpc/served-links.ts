/**
 * The streams that are open at a door: so many at most, and fewer on one connection, so that one client
 * cannot have them all; each with so much under way, all of them ended when the door closes. What is turned
 * away is told so as any call is, with reason and details.
 */
import { ShoalError } from '../base/errors.ts';
import { AnsweringLink } from '../link/answering-link.ts';
import type { DuplexEnd, OpenDuplex } from '../ports/duplex.ts';
import type { Turns } from '../ports/turns.ts';
import type { Dialect } from '../wire/frame.ts';
import type { Protos } from '../wire/protos.ts';
import { failureOf } from '../wire/status.ts';
import { answering, type Carriage } from './answering.ts';
import { grpcStatus } from './grpc-status.ts';
import { serverStream } from './grpc-stream.ts';
import { linkRefusals } from './link-refusals.ts';
import { LinkReports } from './link-reports.ts';
import type { StreamHandler } from './service.ts';
import type { Door } from './serving.ts';
import { Unread } from './unread.ts';

export interface ServedLinksOptions {
  readonly door: Door;
  readonly carriages: ReadonlyMap<number, Carriage>;
  readonly protos: Protos;
  readonly dialect: Dialect;
  readonly turns: Turns;
  /** Requests under way on one stream. */
  readonly callsMax: number;
  readonly streamsMax: number;
}

/**
 * One does for a client; a proxy brings several, and opens another connection for more. Half of what a
 * connection may have: calls need room, too.
 */
const STREAMS_PER_CONNECTION_MAX = 16;
/** CANCELLED: the other side is gone. */
const GONE = 1;

export class ServedLinks {
  readonly #options: ServedLinksOptions;
  readonly #onAsk: ReturnType<typeof answering>;
  readonly #refusal: ReturnType<typeof linkRefusals>;
  readonly #links = new Set<AnsweringLink>();
  /** By connection. */
  readonly #streamsOf = new Map<string, number>();
  readonly #reports: LinkReports;
  #closed = false;

  constructor(options: ServedLinksOptions) {
    this.#options = options;
    const { messages } = options.protos;
    const answer = answering({ ...options, messages });
    const { door } = options;
    this.#reports = new LinkReports(door);
    const unread = new Unread(door.clock, () => door.metrics?.count('link.unread'));
    this.#onAsk = incoming => {
      unread.relieve(this.#links);
      answer(incoming);
    };
    this.#refusal = linkRefusals({ ...options, messages });
  }

  readonly handler: StreamHandler = call => {
    const connection = call.getPeer();
    const refusal = this.#refusalOf(connection);
    if (refusal !== undefined) {
      this.#options.door.metrics?.count('link.refused');
      call.emit('error', grpcStatus(failureOf(refusal), this.#options.protos));
      return;
    }
    this.#count(connection, 1);
    const link = this.accept(serverStream(call), end => {
      this.#count(connection, -1);
      // Whoever goes away is no news here: every command of an operator does.
      if (end.status !== GONE) this.#reports.cut(connection, end);
    });
    call.on('end', () => link.endWhenIdle());
  };

  accept(open: OpenDuplex, onEnded: (end: DuplexEnd) => void = () => {}): AnsweringLink {
    const { door, carriages, dialect, turns, callsMax } = this.#options;
    const link: AnsweringLink = new AnsweringLink({
      open,
      dialect,
      clock: door.clock,
      turns,
      callsMax,
      refusal: (why, method) => {
        door.metrics?.count(why === 'too many' ? 'link.full' : 'link.unsendable');
        return this.#refusal(why, method);
      },
      isBulk: method => carriages.get(method)?.bulk ?? false,
      onAsk: this.#onAsk,
      onEnded: end => {
        this.#links.delete(link);
        onEnded(end);
      },
    });
    this.#links.add(link);
    return link;
  }

  /** Each stream ends when what is under way on it is answered; new ones are turned away. */
  finish(): void {
    this.#closed = true;
    for (const link of [...this.#links]) link.finish();
  }

  #refusalOf(connection: string): ShoalError | undefined {
    if (this.#closed) return new ShoalError('DRAINING', 'this node is shutting down; ask another one');
    const tooMany = this.#links.size >= this.#options.streamsMax;
    if (!tooMany && (this.#streamsOf.get(connection) ?? 0) < STREAMS_PER_CONNECTION_MAX) return undefined;
    return new ShoalError(
      'OVERLOADED',
      'there are too many streams here already; one does for many requests',
    );
  }

  #count(connection: string, by: 1 | -1): void {
    const streams = (this.#streamsOf.get(connection) ?? 0) + by;
    if (streams > 0) this.#streamsOf.set(connection, streams);
    else this.#streamsOf.delete(connection);
  }
}
