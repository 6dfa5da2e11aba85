/**
 * Who stood still itself does not blame others (L2; TRAPS R10): all other nodes were well and nothing was
 * between any two; then a node that was frozen wakes, and from then on suspects nobody, not for a moment.
 */
import type { Node } from '../../../src/node.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';

/** Held to it for so long after it woke. */
const AFTERMATH_MS = 4_000;
/** All must have been well for so long before. */
const CALM_MS = 4_000;

interface Pause {
  readonly since: number;
  readonly until: number;
  /** How often it had blamed others by then. */
  readonly blamed: number;
}

export class Standstill implements Oracle {
  readonly #view: View;
  /** By node: the last time it was frozen. */
  readonly #pauses = new Map<string, Pause>();
  /**
   * By node: the process at the last look. One that stops and starts between two looks is never seen gone.
   */
  readonly #processes = new Map<string, Node | undefined>();
  /** By node: when it was last not well. */
  readonly #unwellAt = new Map<string, number>();
  #foulAt = 0;
  #lookedAt = 0;

  constructor(view: View) {
    this.#view = view;
  }

  looked(): void {
    const { now, nodes } = this.#view;
    if (!this.#view.isClear()) this.#foulAt = now;
    for (const node of nodes) this.#note(node);
    for (const node of nodes) {
      const pause = this.#pauses.get(node);
      if (pause === undefined || !this.#hadNobodyToBlame(node, pause)) continue;
      if (this.#blamed(node) > pause.blamed)
        throw new Violation('L2', `${node} stood still, and suspects others for it`);
    }
    this.#lookedAt = now;
  }

  /** How often it has suspected another one, or called it down. */
  #blamed(node: string): number {
    return this.#view.counted('member.suspected', node) + this.#view.counted('member.down', node);
  }

  #note(node: string): void {
    const { now } = this.#view;
    const process = this.#view.running(node);
    const isAnother = process !== this.#processes.get(node);
    this.#processes.set(node, process);
    if (this.#view.isFrozen(node)) {
      const known = this.#pauses.get(node);
      const before = known?.until === this.#lookedAt ? known : { since: now, blamed: this.#blamed(node) };
      this.#pauses.set(node, { ...before, until: now });
    } else if (isAnother || !this.#view.isWell(node)) {
      this.#unwellAt.set(node, now);
      this.#pauses.delete(node);
    }
  }

  #hadNobodyToBlame(node: string, pause: Pause): boolean {
    if (!this.#view.isWell(node) || this.#view.now - pause.until > AFTERMATH_MS) return false;
    const calmSince = pause.since - CALM_MS;
    const others = this.#view.nodes.filter(other => other !== node);
    return (
      calmSince > 0 && this.#foulAt < calmSince && others.every(other => this.#wasWell(other, calmSince))
    );
  }

  #wasWell(node: string, since: number): boolean {
    return Math.max(this.#pauses.get(node)?.until ?? 0, this.#unwellAt.get(node) ?? 0) < since;
  }
}
