/**
 * A link between two sides in one process and in virtual time: what is asked on one, what comes to the other,
 * and the stream between them.
 */
import { Buffer } from 'node:buffer';
import { expect } from 'vitest';
import type { Asking, Because, Ending, LinkBounds, Refusal } from '../../src/link/asking.ts';
import type { Incoming } from '../../src/link/incoming.ts';
import type { LastingLink } from '../../src/link/lasting-link.ts';
import type { DuplexEnd, OpenDuplex } from '../../src/ports/duplex.ts';
import type { Turns } from '../../src/ports/turns.ts';
import type { Dialect } from '../../src/wire/frame.ts';
import { loadMessages } from '../../src/wire/messages.ts';
import { peerDialect } from '../../src/wire/peer-dialect.ts';
import { PIPELINE_METHOD, pipelineDialect } from '../../src/wire/pipeline-dialect.ts';
import { MemoryWire } from '../support/memory-duplex.ts';
import { settled } from '../support/settled.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import type { Subject } from './subject.ts';

export const messages = loadMessages();
export const PEERS = peerDialect(messages);
export const CLIENTS = pipelineDialect(messages);
export const { Get, Put, Delete } = PIPELINE_METHOD;
export const REFUSALS = {
  'too many': Buffer.from('refused'),
  'too large': Buffer.from('too large'),
  'no room': Buffer.from('no room'),
};
export const KIB = 1024;
export const MIB = 1024 * KIB;
/** Gathers what is asked in one go. */
export const TURNS: Turns = { atEnd: action => queueMicrotask(() => queueMicrotask(action)) };

export interface RigOptions {
  readonly dialect?: Dialect;
  readonly bounds?: LinkBounds;
  readonly callsMax?: number;
  readonly fraction?: number;
  /** On the way of whatever goes over the wire. */
  readonly latencyMs?: number;
}

export interface AskOptions {
  readonly method?: number;
  readonly body?: Uint8Array | string;
  readonly withinMs?: number;
  readonly bulk?: boolean;
}

/** One request and what became of it. */
export class Asked {
  readonly body: Uint8Array;
  readonly call: { deadline: number; cancelled: boolean };
  readonly endings: Ending[] = [];
  /** Why it was not taken. */
  refused: Refusal['because'] | undefined;

  constructor(body: Uint8Array, deadline: number) {
    this.body = body;
    this.call = { deadline, cancelled: false };
  }

  get kind(): Ending['kind'] | undefined {
    return this.endings[0]?.kind;
  }

  /** The body of the answer, as text. */
  get answer(): string | undefined {
    const [ending] = this.endings;
    return ending !== undefined && 'body' in ending ? Buffer.from(ending.body).toString() : undefined;
  }

  get because(): Because | undefined {
    const [ending] = this.endings;
    return ending !== undefined && 'because' in ending ? ending.because : undefined;
  }

  get why(): string | undefined {
    const [ending] = this.endings;
    return ending !== undefined && 'why' in ending ? ending.why : undefined;
  }
}

export class Rig {
  readonly clock = new VirtualClock();
  readonly wire: MemoryWire;
  readonly dialect: Dialect;
  readonly link: LastingLink;
  /** What came to the other side, in order. */
  readonly came: Incoming[] = [];
  readonly ends: (DuplexEnd & { readonly opened: boolean })[] = [];
  /** Ends of streams, as the other side was told. */
  readonly farEnds: DuplexEnd[] = [];
  readonly links: InstanceType<Subject['AnsweringLink']>[] = [];
  onAsk: (incoming: Incoming) => void = () => {};
  readonly #subject: Subject;
  readonly #options: RigOptions;

  constructor(subject: Subject, options: RigOptions = {}) {
    const { dialect = PEERS, bounds, fraction = 0, latencyMs } = options;
    this.#subject = subject;
    this.#options = options;
    this.dialect = dialect;
    const { clock } = this;
    this.wire = new MemoryWire({
      accept: open => this.accept(open),
      ...(latencyMs === undefined ? {} : { latency: { clock, ms: () => latencyMs } }),
    });
    this.link = new subject.LastingLink({
      open: this.wire.open,
      dialect,
      clock,
      turns: TURNS,
      fraction: () => fraction,
      ...(bounds === undefined ? {} : { bounds }),
      onEnded: end => this.ends.push(end),
    });
  }

  accept(open: OpenDuplex): () => void {
    const link = new this.#subject.AnsweringLink({
      open,
      dialect: this.dialect,
      clock: this.clock,
      turns: TURNS,
      callsMax: this.#options.callsMax ?? 10_000,
      refusal: why => REFUSALS[why],
      isBulk: method => method === Delete,
      onAsk: incoming => {
        this.came.push(incoming);
        this.onAsk(incoming);
      },
      onEnded: end => this.farEnds.push(end),
    });
    this.links.push(link);
    return () => link.endWhenIdle();
  }

  /** Does not wait. */
  ask({ method = Get, body = '', withinMs = 10_000, bulk = false }: AskOptions = {}): Asked {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const asked = new Asked(bytes, this.clock.now() + withinMs);
    let isAsking = true;
    const settle = (ending: Ending) => {
      expect(isAsking, 'it was settled from within ask').toBe(false);
      asked.endings.push(ending);
    };
    const asking: Asking = { method, body: bytes, call: asked.call, bulk, settle };
    asked.refused = this.link.ask(asking)?.because;
    isAsking = false;
    return asked;
  }

  /** An open link without anything under way. */
  async ready(): Promise<this> {
    const { onAsk } = this;
    this.onAsk = echo;
    const first = this.ask({ body: 'first' });
    await this.clock.until(() => first.endings.length > 0, 'the first answer');
    expect(first.answer).toBe('first');
    this.came.length = 0;
    this.onAsk = onAsk;
    return this;
  }

  quiet(): Promise<void> {
    return settled();
  }
}

export function echo(incoming: Incoming): void {
  incoming.reply(incoming.body);
}

/** What a body holds is checked without comparing megabytes by hand. */
export function patterned(size: number, seed: number): Buffer {
  const body = Buffer.alloc(size);
  for (let i = 0; i < size; i += 997) body[i] = (seed + i) % 251;
  return body;
}
