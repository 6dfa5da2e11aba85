/**
 * One way between two machines: a queue. What is sent first arrives first, unless the weather lets messages
 * overtake each other. Each fault on it ends by itself; what several together come to: link-state.ts. Knows
 * nothing of what it carries.
 *
 * A fault catches a message when it is sent, or when it would arrive: so also one that is under way when the
 * fault begins.
 */
import type { SeededRandom } from '../../../src/base/random.ts';
import type { NetworkPlan } from '../plan.ts';
import type { World } from '../time/world.ts';
import { drawFate, type Fate } from './fate.ts';
import { type LinkFault, stateUnder } from './link-state.ts';

export interface Carried {
  /** It is there. Called twice if the network doubled it. */
  readonly arrive: () => void;
  /** May the network double it? */
  readonly repeatable: boolean;
  /**
   * Whether it is sent again after a cut that it met, if that is not left to chance: all of a connection is,
   * or nothing.
   */
  readonly sentAgain?: boolean;
  /** It never arrives, since its connection broke, and its sender notices that now. */
  readonly broke: () => void;
}

/** Nobody waits longer for what is sent again. */
const LOST_MS_MAX = 60_000;

export interface LinkOptions {
  readonly world: World;
  readonly random: SeededRandom;
  readonly plan: NetworkPlan;
  /** Told of whatever befalls a message. */
  readonly count?: (what: string) => void;
}

interface Copy {
  /** 1, 2, 3 …: in the order in which they were sent. */
  readonly number: number;
  readonly message: Carried;
  readonly fate: Fate;
  /** The way was cut when it set out. */
  readonly metCut: boolean;
}

export class Link {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #plan: NetworkPlan;
  readonly #count: (what: string) => void;
  readonly #faults = new Set<LinkFault>();
  #state = stateUnder([]);
  /** Stopped at the far end by a cut or a clog, in the order in which they would have arrived. */
  #held: (() => void)[] = [];
  #draining = false;
  #onUncut: (() => void)[] = [];
  /** Nothing that keeps the order arrives before this. */
  #orderedUntil = 0;
  #sent = 0;
  #newest = 0;

  constructor({ world, random, plan, count = () => {} }: LinkOptions) {
    this.#world = world;
    this.#random = random;
    this.#plan = plan;
    this.#count = count;
  }

  get isCut(): boolean {
    return this.#state.isCut;
  }

  /** No fault lies on it. */
  get isClear(): boolean {
    return this.#faults.size === 0;
  }

  /** Messages are lost, doubled or late by chance. */
  get isStormy(): boolean {
    return [...this.#faults].some(({ kind }) => kind === 'weather');
  }

  /** Nothing arrives: the way is cut or clogged. */
  get isShut(): boolean {
    return this.#state.isCut || this.#state.isClogged;
  }

  send(message: Carried): void {
    const fate = drawFate(this.#random, this.#plan);
    const { loss, sentAgainAfterMs } = this.#state;
    if (fate.lossLot < loss && sentAgainAfterMs === 0) {
      this.#lose(message, fate);
      return;
    }
    this.#setOut(message, fate);
    if (!message.repeatable || fate.copyLot >= this.#state.duplicate) return;
    this.#count('message: came twice');
    this.#world.after(fate.copyAfterMs, () => this.#setOut(message, fate));
  }

  /** Calls back once, when the way is no longer cut. */
  onUncut(action: () => void): void {
    this.#onUncut.push(action);
  }

  begin(fault: LinkFault): void {
    this.#faults.add(fault);
    this.#judge();
  }

  /** Nothing, if it is over already. */
  end(fault: LinkFault): void {
    if (this.#faults.delete(fault)) this.#judge();
  }

  heal(): void {
    this.#faults.clear();
    this.#judge();
  }

  #lose(message: Carried, { noticedAfterMs }: Fate): void {
    this.#count('message: lost');
    if (noticedAfterMs !== undefined) this.#world.after(noticedAfterMs, message.broke);
  }

  #setOut(message: Carried, fate: Fate): void {
    this.#sent += 1;
    const copy = { number: this.#sent, message, fate, metCut: this.#state.isCut };
    const { jitterMs, sentAgainAfterMs } = this.#state;
    const at = this.#world.now + fate.delayMs + fate.jitter * jitterMs + this.#lostMs(fate);
    const isOrdered = jitterMs === 0 && sentAgainAfterMs === 0;
    this.#world.at(isOrdered ? this.#inOrder(at) : at, () => this.#reach(copy));
  }

  /** What it takes until it was sent often enough: to be lost twice is as likely as the square. */
  #lostMs({ lossLot }: Fate): number {
    const { loss, sentAgainAfterMs } = this.#state;
    let ms = 0;
    let waitMs = sentAgainAfterMs;
    for (let chance = loss; waitMs > 0 && lossLot < chance && ms < LOST_MS_MAX; chance *= loss) {
      ms += waitMs;
      waitMs *= 2;
    }
    return ms;
  }

  #inOrder(at: number): number {
    this.#orderedUntil = Math.max(at, this.#orderedUntil);
    return this.#orderedUntil;
  }

  /** It would be there: it arrives, is held, or is gone for good. */
  #reach({ number, message, fate, metCut }: Copy): void {
    const sentAgain = message.sentAgain ?? fate.sentAgain;
    if ((metCut || this.#state.isCut) && !sentAgain) {
      this.#count('message: lost in a cut');
      return;
    }
    if (number < this.#newest) this.#count('message: overtaken');
    this.#newest = Math.max(number, this.#newest);
    if (!this.isShut && this.#held.length === 0) {
      message.arrive();
      return;
    }
    this.#count('message: waited at a cut or clog');
    this.#held.push(message.arrive);
  }

  #judge(): void {
    this.#state = stateUnder([...this.#faults]);
    this.#drain(this.#plan.delayMs.min);
    if (!this.#state.isCut) this.#tellUncut();
  }

  #tellUncut(): void {
    const waiting = this.#onUncut;
    this.#onUncut = [];
    for (const action of waiting) action();
  }

  /**
   * What was held arrives in order, each as an event of its own; what comes meanwhile queues up behind it.
   */
  #drain(afterMs: number): void {
    if (this.#draining || this.isShut || this.#held.length === 0) return;
    this.#draining = true;
    this.#world.after(afterMs, () => {
      this.#draining = false;
      if (!this.isShut) this.#held.shift()!();
      this.#drain(0);
    });
  }
}
