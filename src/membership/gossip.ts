/**
 * What this node says to the members it gossips with, and what it makes of what they say (DESIGN §7,
 * *Membership*). With every exchange the two hand each other their own entries and the newest rumours; if
 * their views still differ by their digests, all of it is exchanged (say `whole`). So a message stays small
 * however many members there are, and nothing that was missed stays missed.
 *
 * One's own fresh evidence beats hearsay: 1. n5 is cut off from all for a while; 2. it calls everybody down;
 * 3. the cut heals, and it says so to n1; 4. all others would be down for everyone, until each has heard of
 * it and contradicted. Whoever was heard within a second, or answered when last asked and is all at once said
 * to be down, is asked instead (`onDoubted`).
 *
 * Does not decide with whom to speak, and when (detector).
 */
import { compareText } from '../base/bytes.ts';
import type { NodeName } from '../base/ids.ts';
import { Rumours } from '../core/membership/rumours.ts';
import { agreeOn, type Entry } from '../core/membership/view.ts';
import type { Clock } from '../ports/clock.ts';
import type { Gossip } from '../ports/gossip.ts';
import type { StoreProgress } from '../ports/meeting.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Acquaintances } from './acquaintances.ts';

export interface GossipingParts {
  readonly acquaintances: Acquaintances;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly store: () => StoreProgress;
  /** This node's own name is said to be something else than it is. */
  readonly onDisputed: (said: Entry) => void;
  /** Something bad is said of a member that was heard just now. */
  readonly onDoubted: (name: NodeName) => void;
}

/**
 * Evidence of a member's life is so long better than hearsay of its death: some rounds of gossip in a small
 * cluster.
 */
const FRESH_MS = 1_000;

export class Gossiping {
  readonly #parts: GossipingParts;
  readonly #rumours = new Rumours();
  /** What is said of members, and not believed here. */
  readonly #contested = new Map<NodeName, Entry>();

  constructor(parts: GossipingParts) {
    this.#parts = parts;
    parts.acquaintances.onNews(({ after }) => this.#rumours.add(after.name));
  }

  /** What to say to this member now. */
  say(to: NodeName, { whole }: { readonly whole: boolean }): Gossip {
    const { acquaintances } = this.#parts;
    return this.#saying(whole ? acquaintances.view() : this.#news(to), { whole });
  }

  /** What to answer; what was said is heard first. */
  reply(said: Gossip, to: NodeName): Gossip {
    this.hear(said, to);
    return this.#saying(said.whole ? this.#unknownTo(said) : this.#news(to), { whole: false });
  }

  hear({ entries }: Gossip, from: NodeName): void {
    for (const entry of entries) this.#hear(entry, from);
  }

  /** Whether both now believe the same of everybody. */
  agreesWith({ digest }: Gossip): boolean {
    return digest === this.#parts.acquaintances.digest;
  }

  #saying(entries: readonly Entry[], { whole }: { readonly whole: boolean }): Gossip {
    const { acquaintances, store } = this.#parts;
    return { digest: acquaintances.digest, entries, whole, store: store() };
  }

  /** This node itself, the rumours, and what the listener may want to contradict. */
  #news(to: NodeName): readonly Entry[] {
    const { acquaintances } = this.#parts;
    const names = new Set(this.#rumours.take(acquaintances.all().length));
    names.add(acquaintances.self.name);
    if (acquaintances.get(to)?.state !== 'alive') names.add(to);
    const entries = acquaintances.view().filter(({ name }) => names.has(name) && name !== to);
    const ofListener = this.#contestedOf(to) ?? (names.has(to) ? acquaintances.get(to) : undefined);
    return [...entries, ...(ofListener?.version ? [ofListener] : [])].sort(byName);
  }

  /**
   * Only the owner can end what is said of it, and who says so may not reach it: 1. n1 and n3 cannot speak to
   * each other, n2 can to both; 2. n1 suspects n3; 3. were n2, which knows better, to keep that to itself, n1
   * would for ever.
   */
  #contestedOf(name: NodeName): Entry | undefined {
    const said = this.#contested.get(name);
    const known = this.#parts.acquaintances.get(name);
    if (said === undefined || said.version === known?.version) return said;
    this.#contested.delete(name);
    return undefined;
  }

  /** What the speaker of all that it knows does not know, or not as well. */
  #unknownTo({ entries }: Gossip): readonly Entry[] {
    const said = new Map(entries.map(entry => [entry.name, entry]));
    return this.#parts.acquaintances
      .view()
      .filter(entry => {
        const theirs = said.get(entry.name);
        return theirs === undefined || !agreeOn(theirs, entry);
      })
      .sort(byName);
  }

  #hear(entry: Entry, from: NodeName): void {
    const { acquaintances, metrics, onDisputed, onDoubted } = this.#parts;
    const { self } = acquaintances;
    if (entry.name === self.name) {
      if (entry.version >= self.version && !agreeOn(entry, self)) onDisputed(entry);
    } else if (entry.name !== from && this.#isContradicted(entry)) {
      this.#contested.set(entry.name, entry);
      onDoubted(entry.name);
    } else if (!acquaintances.believe(entry)) {
      metrics.count('gossip.refused');
    }
  }

  #isContradicted({ name, state, version }: Entry): boolean {
    const { acquaintances, clock } = this.#parts;
    if (state !== 'suspect' && state !== 'down') return false;
    const known = acquaintances.get(name);
    const heardAt = acquaintances.heardAt(name);
    if (known?.state !== 'alive' || known.version !== version || heardAt === undefined) return false;
    if (state === 'down' && acquaintances.reachable(name)) return true;
    return clock.now() - heardAt < FRESH_MS;
  }
}

function byName(a: Entry, b: Entry): number {
  return compareText(a.name, b.name);
}
