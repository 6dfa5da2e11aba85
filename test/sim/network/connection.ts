/**
 * A stream between two processes, in its own connection: opening it, what each end says to the other, and how
 * either notices that the other is out of reach. Frames keep their order and never come twice. A loss breaks
 * the connection: nothing arrives behind it on that way, and the ends notice together after a while, or one
 * by its keepalive. A cut breaks it likewise or, for as long as keepalives bear it, only holds it up.
 *
 * A stream is opened by one message and its answer, which only a process that runs can give: its kernel alone
 * says no hello.
 */
import type { SeededRandom } from '../../../src/base/random.ts';
import type { DuplexEvents, OpenDuplex } from '../../../src/ports/duplex.ts';
import type { Process } from '../time/process.ts';
import type { World } from '../time/world.ts';
import { Flow } from './flow.ts';
import { Keepalive, OPENER, type Pinged, SERVER } from './keepalive.ts';
import type { Link } from './link.ts';
import { REFUSED, type Said, StreamEnd, type StreamEndParts, TURNED_AWAY } from './stream-end.ts';

/** Who takes streams at an address. */
export interface Host {
  readonly process: Process;
  readonly accept: Accept;
}

/** Takes a stream. Undefined: it is turned away. */
export type Accept = (open: OpenDuplex) => Served | undefined;

/** A stream as it is served. */
export interface Served {
  /** Its opener will ask nothing more. */
  endWhenIdle(): void;
}

export interface ConnectionParts {
  readonly world: World;
  readonly random: SeededRandom;
  readonly from: Process;
  /** To the other side, and back. */
  readonly out: Link;
  readonly back: Link;
  /** Who listens there now. */
  readonly host: () => Host | undefined;
  /** For the log and the hash of a run. `way` 'out' is from opener to server. */
  readonly note: (way: 'out' | 'back', frame: Uint8Array) => void;
  /** Told of what is rare. */
  readonly count: (what: string) => void;
}

/** As many as grpc-js takes before it presses back. */
const FRAMES_MAX = 16;
/** Some streams fill at once: a reader that is slow to read. */
const NARROW_SHARE = 0.2;
const NARROW_FRAMES_MAX = 3;

export function openConnection(parts: ConnectionParts): OpenDuplex {
  return events => new Connection(parts).open(events);
}

type EndParts = Pick<StreamEndParts, 'process' | 'events' | 'opens'>;

class Connection {
  readonly #parts: ConnectionParts;
  readonly #out: Flow;
  readonly #back: Flow;
  readonly #framesMax: number;
  #opener: StreamEnd | undefined;
  #server: StreamEnd | undefined;
  /** Who accepted it: what is sent is for that process, and no later one. */
  #host: Process | undefined;
  #served: Served | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    const { random, out, back } = parts;
    const shared = { sentAgain: random.chance(0.5), onBroken: () => this.#broke() };
    this.#out = new Flow({ link: out, ...shared });
    this.#back = new Flow({ link: back, ...shared });
    const narrow = 1 + random.below(NARROW_FRAMES_MAX);
    this.#framesMax = random.chance(NARROW_SHARE) ? narrow : FRAMES_MAX;
  }

  open(events: DuplexEvents): StreamEnd {
    this.#opener = this.#end({ process: this.#parts.from, opens: true, events });
    this.#out.send(() => this.#reach());
    return this.#opener;
  }

  /** The kernel there refuses, or accepts for a process that may be long in looking. */
  #reach(): void {
    const host = this.#parts.host();
    if (host === undefined) this.#atOpener(opener => opener.over(REFUSED));
    else this.#accept(host);
  }

  #accept({ process, accept }: Host): void {
    this.#host = process;
    process.deliver(() => {
      this.#served = accept(events => {
        this.#server = this.#end({ process, opens: false, events });
        this.#atOpener(opener => opener.opened());
        return this.#server;
      });
      if (this.#served === undefined) this.#atOpener(opener => opener.over(TURNED_AWAY));
    });
  }

  #end(parts: EndParts): StreamEnd {
    const { world, from, note, count } = this.#parts;
    const { process, opens } = parts;
    const send = (said: Said) => (opens ? this.#atServer(said) : this.#atOpener(said));
    const keepalive = new Keepalive({
      clock: process.clock,
      pace: opens ? OPENER : SERVER,
      pinged: this.#pinged(() => (opens ? this.#host : from)),
      onDead: () => {
        count('stream: given up by its keepalive');
        send(other => other.dropped());
        end.dropped();
      },
    });
    const end: StreamEnd = new StreamEnd({
      ...parts,
      world,
      count,
      framesMax: this.#framesMax,
      other: () => (opens ? this.#server : this.#opener),
      say: (said, frame) => {
        if (frame !== undefined) note(opens ? 'out' : 'back', frame);
        send(said);
      },
      onFinished: () => this.#served?.endWhenIdle(),
      onOver: () => keepalive.stop(),
    });
    keepalive.start();
    return end;
  }

  #atServer(said: Said): void {
    this.#out.send(() => this.#host?.deliver(() => this.#server && said(this.#server)));
  }

  #atOpener(said: Said): void {
    this.#back.send(() => this.#parts.from.deliver(() => said(this.#opener!)));
  }

  #broke(): void {
    this.#parts.from.deliver(() => this.#opener!.dropped());
    this.#host?.deliver(() => this.#server?.dropped());
  }

  #pinged(who: () => Process | undefined): Pinged {
    const flows = [this.#out, this.#back];
    return {
      isSilent: () => who()?.isRunning !== true || flows.some(({ isShut }) => isShut),
      ping: () => {
        const sent = flows.map(flow => flow.sent);
        return () => flows.every(({ arrived }, i) => arrived >= sent[i]!);
      },
    };
  }
}
