/**
 * A client's write or delete on its way: what was sent, who acked it, what its client was told, who has lost
 * it since.
 */
import type { WriteId } from '../../src/base/ids.ts';
import type { Record, Seen, Sibling } from '../../src/core/record/record.ts';
import { compareDots } from '../../src/core/record/version-vector.ts';
import type { Event } from './events.ts';
import type { ModelNode } from './node.ts';
import type { Past } from './past.ts';
import { PRIMARIES, W } from './rules.ts';
import { digestOf, type Known, type Left } from './version.ts';

/** What a client holds after a reply; beside the real context the twin's. */
export interface Context {
  readonly seen: Seen;
  readonly past: Past;
  readonly shown: ReadonlySet<WriteId>;
}

interface Round {
  readonly message: Known;
  readonly digest: string;
  readonly context: Context;
  readonly left: Map<number, Left>;
}

interface Ack {
  readonly from: ModelNode;
  readonly left: Left;
  readonly round: number;
  readonly now: number;
  /** The coordinator still is. */
  readonly alive: boolean;
}

interface Fetched {
  readonly known: Known;
  readonly stood: readonly Sibling[];
}

export class Operation {
  readonly id: number;
  readonly event: Event & { kind: 'put' | 'delete' };
  readonly writeId: WriteId | undefined;
  /**
   * It found its write known already and wrote nothing: what it had not seen it takes in and shows, but takes
   * nothing out.
   */
  readonly retried: boolean;
  /** The process that coordinates it; its death ends the request. */
  readonly boot: number;
  /** Rows of the differing replicas, and what of them stood there when they acked. */
  fetched: readonly Fetched[] | undefined;
  reply: Context | undefined;
  /** The number of the event that brought the reply. */
  repliedAt = Number.POSITIVE_INFINITY;
  /**
   * Every ack came from a primary that has forgotten nothing: then an overwrite has met all that was acked
   * before it.
   */
  conclusive = true;
  #covers: ReadonlySet<WriteId>;
  readonly #rounds: Round[] = [];
  /** Who has ever acked it, counted or not. */
  #holders = new Set<number>();
  #counted: readonly number[] = [];
  readonly #lost = new Set<number>();
  #lostUnseen = false;

  constructor(of: {
    id: number;
    event: Event & { kind: 'put' | 'delete' };
    node: ModelNode;
    writeId: WriteId | undefined;
    retried: boolean;
    covers: ReadonlySet<WriteId>;
  }) {
    this.id = of.id;
    this.event = of.event;
    this.writeId = of.writeId;
    this.retried = of.retried;
    this.boot = of.node.boot;
    this.#covers = of.covers;
  }

  get covers(): ReadonlySet<WriteId> {
    return this.#covers;
  }

  /** Acked to its client, and fewer than W of its holders have lost data since (the terms of I1). */
  get promised(): boolean {
    return this.reply !== undefined && this.#lost.size < W;
  }

  /** W primaries acked, and no loss was silent or in the middle of it: a strict read owes it too. */
  get promisedStrictly(): boolean {
    return this.promised && !this.#lostUnseen && this.#counted.every(node => node < PRIMARIES.length);
  }

  /** The replicas among the counted whose acks told that they hold something the coordinator has not seen. */
  get differing(): readonly (readonly [node: number, left: Left])[] {
    const { left, digest } = this.#last;
    return [...left].filter(([, row]) => row.digest !== digest);
  }

  /** An overwrite with enough acks that must write once more before it replies. */
  get unsettled(): boolean {
    return this.reply === undefined && this.#rounds.length === 1 && this.#enough && this.#mustSettle;
  }

  /** It is known here or there that this is not its only try: then it takes nothing out. As in production. */
  get isTriedElsewhere(): boolean {
    return this.retried || this.fetched?.some(({ known }) => this.#hasTwin(known.record)) === true;
  }

  #hasTwin({ siblings, overwritten }: Record): boolean {
    const own = this.writeId;
    if (own === undefined) return false;
    const made = this.message('first').record.siblings.find(({ writeId }) => writeId === own);
    const isMade = ({ dot }: Sibling) => made !== undefined && compareDots(dot, made.dot) === 0;
    if (siblings.some(sibling => sibling.writeId === own && !isMade(sibling))) return true;
    return siblings.some(isMade) && overwritten.some(({ writeId }) => writeId === own);
  }

  send(message: Known, context: Context): void {
    const digest = digestOf(message.record);
    this.#rounds.push({ message, digest, context, left: new Map() });
  }

  message(round: 'first' | 'last'): Known {
    return this.#rounds[this.roundNumber(round)]!.message;
  }

  roundNumber(round: 'first' | 'last'): number {
    return round === 'first' ? 0 : this.#rounds.length - 1;
  }

  alsoCovers(more: ReadonlySet<WriteId>): void {
    this.#covers = new Set([...this.#covers, ...more]);
  }

  ack({ from, left, round, now, alive }: Ack): void {
    if (round < this.#rounds.length - 1) return;
    this.#holders.add(from.index);
    if (!alive || this.reply !== undefined) return;
    this.#last.left.set(from.index, left);
    this.conclusive &&= from.index < PRIMARIES.length && !from.recovering;
    if (!this.#enough || (this.#rounds.length === 1 && this.#mustSettle)) return;
    this.reply = this.#last.context;
    this.repliedAt = now;
    this.#counted = [...this.#last.left.keys()];
  }

  handedOff(from: number, owners: readonly number[]): void {
    if (!this.#holders.delete(from)) return;
    for (const owner of owners) this.#holders.add(owner);
  }

  dataLost(node: number, { noticed }: { noticed: boolean }): void {
    if (!this.#holders.has(node)) return;
    this.#lost.add(node);
    if (!noticed || this.reply === undefined) this.#lostUnseen = true;
  }

  get #last(): Round {
    return this.#rounds.at(-1)!;
  }

  get #enough(): boolean {
    return this.#last.left.size >= W;
  }

  get #mustSettle(): boolean {
    return this.event.how === 'overwrite' && this.differing.length > 0;
  }
}
