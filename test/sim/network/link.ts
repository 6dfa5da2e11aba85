/**
 * One way between two machines: a queue. What is sent first arrives first, unless the weather lets messages overtake each other. Cuts, clogs and
 * weather lie over each other; each ends by itself. Knows nothing of what it carries.
 *
 * A fault catches a message when it is sent, or when it would arrive: so also one that is under way when the fault begins.
 */
import type { SeededRandom } from '../../../src/base/random.ts';
import type { NetworkPlan } from '../plan.ts';
import type { World } from '../time/world.ts';
import { drawFate, type Fate } from './fate.ts';

export interface Carried {
  /** It is there. Called twice if the network doubled it. */
  readonly arrive: () => void;
  /** May the network double it? */
  readonly repeatable: boolean;
  /** It never arrives, since its connection broke, and its sender notices that now. */
  readonly broke: () => void;
}

export type LinkFault =
  | { readonly kind: 'cut' }
  | { readonly kind: 'clog' }
  | {
      readonly kind: 'weather';
      readonly loss: number;
      readonly duplicate: number;
      readonly jitterMs: number;
    };

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
  /** Stopped at the far end by a cut or a clog, in the order in which they would have arrived. */
  #held: (() => void)[] = [];
  #draining = false;
  #onUncut: (() => void)[] = [];
  /** Nothing that keeps the order arrives before this. */
  #orderedUntil = 0;
  #sent = 0;
  #newest = 0;
  #isCut = false;
  #isClogged = false;
  #loss = 0;
  #duplicate = 0;
  #jitterMs = 0;

  constructor({ world, random, plan, count = () => {} }: LinkOptions) {
    this.#world = world;
    this.#random = random;
    this.#plan = plan;
    this.#count = count;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  send(message: Carried): void {
    const fate = drawFate(this.#random, this.#plan);
    if (fate.lossLot < this.#loss) {
      this.#lose(message, fate);
      return;
    }
    this.#setOut(message, fate);
    if (!message.repeatable || fate.copyLot >= this.#duplicate) return;
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
    const copy = { number: this.#sent, message, fate, metCut: this.#isCut };
    const at = this.#world.now + fate.delayMs + fate.jitter * this.#jitterMs;
    this.#world.at(this.#jitterMs > 0 ? at : this.#inOrder(at), () => this.#reach(copy));
  }

  #inOrder(at: number): number {
    this.#orderedUntil = Math.max(at, this.#orderedUntil);
    return this.#orderedUntil;
  }

  /** It would be there: it arrives, is held, or is gone for good. */
  #reach({ number, message, fate, metCut }: Copy): void {
    if ((metCut || this.#isCut) && !fate.sentAgain) {
      this.#count('message: lost in a cut');
      return;
    }
    if (number < this.#newest) this.#count('message: overtaken');
    this.#newest = Math.max(number, this.#newest);
    if (!this.#isShut && this.#held.length === 0) {
      message.arrive();
      return;
    }
    this.#count('message: waited at a cut or clog');
    this.#held.push(message.arrive);
  }

  get #isShut(): boolean {
    return this.#isCut || this.#isClogged;
  }

  #judge(): void {
    const faults = [...this.#faults];
    const weathers = faults.filter(fault => fault.kind === 'weather');
    this.#isCut = faults.some(({ kind }) => kind === 'cut');
    this.#isClogged = faults.some(({ kind }) => kind === 'clog');
    this.#loss = anyOf(weathers.map(({ loss }) => loss));
    this.#duplicate = anyOf(weathers.map(({ duplicate }) => duplicate));
    this.#jitterMs = Math.max(0, ...weathers.map(({ jitterMs }) => jitterMs));
    this.#drain(this.#plan.delayMs.min);
    if (!this.#isCut) this.#tellUncut();
  }

  #tellUncut(): void {
    const waiting = this.#onUncut;
    this.#onUncut = [];
    for (const action of waiting) action();
  }

  /** What was held arrives in order, each as an event of its own; what comes meanwhile queues up behind it. */
  #drain(afterMs: number): void {
    if (this.#draining || this.#isShut || this.#held.length === 0) return;
    this.#draining = true;
    this.#world.after(afterMs, () => {
      this.#draining = false;
      if (!this.#isShut) this.#held.shift()!();
      this.#drain(0);
    });
  }
}

/** The chance that at least one of them happens. */
function anyOf(chances: readonly number[]): number {
  return 1 - chances.reduce((none, chance) => none * (1 - chance), 1);
}
