/**
 * What this node has been told about the founding of a cluster: who has met, who has spoken, what each has
 * written down. What follows from it is core/membership/founding's to say. What a node says of itself
 * replaces what others said of it.
 */
import { compareText } from '../base/bytes.ts';
import type { NodeName } from '../base/ids.ts';
import { NODES_MAX } from '../core/limits.ts';
import type { Founder, FoundingSet } from '../core/membership/cluster.ts';
import { type FoundingStep, foundingStep } from '../core/membership/founding.ts';
import type { Greeting } from '../ports/meeting.ts';

export interface FoundersParts {
  readonly self: Founder;
  /** N of `--expect`. */
  readonly expect: number | undefined;
  /** What this node has written down before. */
  readonly vote: FoundingSet | undefined;
}

export class Founders {
  readonly #self: Founder;
  readonly #expect: number | undefined;
  readonly #met = new Map<NodeName, Founder>();
  readonly #heard = new Map<NodeName, number | undefined>();
  readonly #votes = new Map<NodeName, FoundingSet>();

  constructor({ self, expect, vote }: FoundersParts) {
    this.#self = self;
    this.#expect = expect;
    this.#heard.set(self.name, expect);
    if (vote !== undefined) this.#votes.set(self.name, vote);
    if (this.expect !== undefined) this.#met.set(self.name, self);
  }

  /**
   * How many shall found the cluster; undefined for a node that only joins. What is written down goes before
   * what it is told now.
   */
  get expect(): number | undefined {
    return this.vote?.length ?? this.#expect;
  }

  get vote(): FoundingSet | undefined {
    return this.#votes.get(this.#self.name);
  }

  /** This node's own vote is durable now; it never changes. */
  voted(set: FoundingSet): void {
    this.#votes.set(this.#self.name, set);
  }

  /** Sorted by name. */
  met(): readonly Founder[] {
    return [...this.#met.values()].sort((a, b) => compareText(a.name, b.name));
  }

  /** Another node speaks. */
  learn({ self, expect, founder, met, vote }: Greeting): void {
    this.#heard.set(self.name, expect);
    if (founder !== undefined) this.#met.set(self.name, founder);
    for (const other of met) {
      if (!this.#met.has(other.name) && this.#met.size < NODES_MAX) this.#met.set(other.name, other);
    }
    if (vote !== undefined) this.#votes.set(self.name, vote);
  }

  /** Undefined for a node that only joins. */
  step(): FoundingStep | undefined {
    const { vote, expect } = this;
    if (expect === undefined) return undefined;
    return foundingStep({ expect, met: this.#met, heard: this.#heard, votes: this.#votes, vote });
  }
}
