/**
 * One way of a stream, over the link that all streams and calls of that way share: what was sent first
 * arrives first, whatever overtakes it on the link, and nothing arrives behind what was lost. What it carries
 * is opaque here.
 */
import type { Link } from './link.ts';

export interface FlowOptions {
  readonly link: Link;
  /**
   * Whether what meets a cut is sent again when it heals, as TCP does; otherwise the connection is given up
   * in it.
   */
  readonly sentAgain: boolean;
  /** Something was lost, and both ends notice it now. Not told of every loss. */
  readonly onBroken: () => void;
}

export class Flow {
  readonly #options: FlowOptions;
  /** Arrived before what was sent before it. */
  readonly #early = new Map<number, () => void>();
  #sent = 0;
  #arrived = 0;

  constructor(options: FlowOptions) {
    this.#options = options;
  }

  /** How much was sent so far. */
  get sent(): number {
    return this.#sent;
  }

  /** How much of it has arrived, without a gap. */
  get arrived(): number {
    return this.#arrived;
  }

  /** Nothing arrives on the link, for the time being. */
  get isShut(): boolean {
    return this.#options.link.isShut;
  }

  send(arrive: () => void): void {
    const { link, sentAgain, onBroken } = this.#options;
    this.#sent += 1;
    const number = this.#sent;
    link.send({ repeatable: false, sentAgain, arrive: () => this.#reach(number, arrive), broke: onBroken });
  }

  #reach(number: number, arrive: () => void): void {
    this.#early.set(number, arrive);
    for (let next = this.#next(); next !== undefined; next = this.#next()) next();
  }

  #next(): (() => void) | undefined {
    const next = this.#early.get(this.#arrived + 1);
    if (next === undefined) return undefined;
    this.#arrived += 1;
    this.#early.delete(this.#arrived);
    return next;
  }
}
