/**
 * Who stood still itself does not blame others (L2; TRAPS R10): while all other nodes were well and nothing was
 * between any two, a node that was frozen wakes, and from then on takes nobody for suspect or down.
 */
import { type Oracle, type Sights, Violation } from '../oracle.ts';
import type { View } from '../view.ts';

/** Held to it for so long after it woke. */
const AFTERMATH_MS = 4_000;
/** All must have been well for so long before. */
const CALM_MS = 4_000;

interface Pause {
  readonly since: number;
  readonly until: number;
}

export class Standstill implements Oracle {
  readonly #view: View;
  /** By node: the last time it was frozen. */
  readonly #pauses = new Map<string, Pause>();
  /** By node: when it was last not well. */
  readonly #unwellAt = new Map<string, number>();
  #foulAt = 0;
  #lookedAt = 0;

  constructor(view: View) {
    this.#view = view;
  }

  looked(sights: Sights): void {
    const { now, nodes } = this.#view;
    if (!this.#view.isClear()) this.#foulAt = now;
    for (const node of nodes) this.#note(node);
    for (const [node, members] of sights) {
      if (!this.#hadNobodyToBlame(node)) continue;
      const blamed = members.find(
        ({ name, state }) => name !== node && (state === 'suspect' || state === 'down'),
      );
      if (blamed !== undefined)
        throw new Violation('L2', `${node} stood still, and takes ${blamed.name} for ${blamed.state}`);
    }
    this.#lookedAt = now;
  }

  #note(node: string): void {
    const { now } = this.#view;
    if (this.#view.isFrozen(node)) {
      const known = this.#pauses.get(node);
      const since = known?.until === this.#lookedAt ? known.since : now;
      this.#pauses.set(node, { since, until: now });
    } else if (!this.#view.isWell(node)) {
      this.#unwellAt.set(node, now);
      this.#pauses.delete(node);
    }
  }

  #hadNobodyToBlame(node: string): boolean {
    const pause = this.#pauses.get(node);
    if (pause === undefined || this.#view.now - pause.until > AFTERMATH_MS) return false;
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
