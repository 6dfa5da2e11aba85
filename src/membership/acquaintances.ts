/**
 * Whom this node knows, where they are, and when it last heard from them. A member's own word counts; what
 * others say of it is at most an address to try. So hearsay that is out of date moves nobody, and a stranger
 * under a known name cannot take its place while the known one lives: the later of the two is told to stop
 * (DESIGN §7, *Membership*).
 *
 * The members of a born cluster are fixed: from then on nobody else is kept or told on. Otherwise 1. somebody
 * greets with 300 invented names;
 * 2. they are passed on with every greeting; 3. no node reads a greeting of more than 256, and the members
 * lose each other.
 */
import { compareText } from '../base/bytes.ts';
import type { BootId, NodeName } from '../base/ids.ts';
import { NODES_MAX } from '../core/limits.ts';
import type { Member } from '../core/membership/cluster.ts';
import {
  afterFailure,
  afterHearing,
  type Contact,
  isReachable,
  NO_CONTACT,
} from '../core/membership/reachability.ts';
import type { Clock } from '../ports/clock.ts';
import type { SeenState } from '../ports/overview.ts';
import type { Failure } from '../ports/replica.ts';

export class Acquaintances {
  readonly #self: Member;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #members = new Map<NodeName, Member>();
  readonly #contacts = new Map<NodeName, Contact>();
  /** Undefined while anybody may be met. */
  #circle: ReadonlySet<NodeName> | undefined;

  constructor({ self, clock, remembered }: { self: Member; clock: Clock; remembered: readonly Member[] }) {
    this.#self = self;
    this.#clock = clock;
    this.#startedAt = clock.now();
    for (const member of remembered) this.#members.set(member.name, member);
    this.#members.set(self.name, self);
  }

  /** From now on only these are known; the others are forgotten. */
  confine(names: Iterable<NodeName>): void {
    this.#circle = new Set(names);
    for (const known of [...this.#members.keys()])
      if (!this.#isOfInterest(known)) this.#members.delete(known);
  }

  /** Sorted by name. */
  all(): readonly Member[] {
    return [...this.#members.values()].sort((a, b) => compareText(a.name, b.name));
  }

  others(): readonly Member[] {
    return this.all().filter(({ name }) => name !== this.#self.name);
  }

  get(name: NodeName): Member | undefined {
    return this.#members.get(name);
  }

  /** The process that last spoke for this name to this one; undefined if none did. */
  bootOf(name: NodeName): BootId | undefined {
    return this.#contacts.get(name)?.heardAt === undefined ? undefined : this.#members.get(name)?.bootId;
  }

  /** When any answer of it last came, monotonic ms; undefined if never. */
  heardAt(name: NodeName): number | undefined {
    return this.#contacts.get(name)?.heardAt;
  }

  reachable(name: NodeName): boolean {
    return name === this.#self.name || isReachable(this.#contacts.get(name) ?? NO_CONTACT, this.#clock.now());
  }

  /** What this node takes it for. */
  stateOf(name: NodeName): SeenState {
    if (this.reachable(name)) return 'alive';
    return this.#contacts.has(name) ? 'down' : 'unknown';
  }

  /** For how long nothing was heard of it; since the start if it never was. 0 for this node. */
  silentMs(name: NodeName): number {
    return name === this.#self.name ? 0 : this.#clock.now() - (this.heardAt(name) ?? this.#startedAt);
  }

  heard(name: NodeName): void {
    this.#contacts.set(name, afterHearing(this.#clock.now()));
  }

  failed(name: NodeName, failure: Failure): void {
    this.#contacts.set(name, afterFailure(this.#contacts.get(name) ?? NO_CONTACT, failure));
  }

  /** What was sent there failed; `but` is the one that does answer there. */
  failedAt(peerAddress: string, { failure, but }: { failure: Failure; but?: NodeName }): void {
    for (const member of this.others())
      if (member.peerAddress === peerAddress && member.name !== but) this.failed(member.name, failure);
  }

  /**
   * Another node speaks for itself. `taken`: a process under its name answers elsewhere; `stranger`: it is no
   * member, or there is no room for more. Then nothing is learned.
   */
  introduced(member: Member): 'known' | 'taken' | 'stranger' {
    const { name, peerAddress } = member;
    const known = this.#members.get(name);
    if (known === undefined && !this.#isWelcome(name)) return 'stranger';
    if (known !== undefined && known.peerAddress !== peerAddress && this.reachable(name)) return 'taken';
    this.#members.set(name, member);
    this.heard(name);
    return 'known';
  }

  /**
   * Somebody else speaks of a member. True if it is said to be where this node has not looked, and does not
   * answer where it was.
   */
  mentioned({ name, peerAddress, ...rest }: Member): boolean {
    const known = this.#members.get(name);
    if (known !== undefined) return known.peerAddress !== peerAddress && this.#seeks(name);
    if (this.#isWelcome(name)) this.#members.set(name, { name, peerAddress, ...rest });
    return false;
  }

  /**
   * Of its own name it hears when an earlier life of it is remembered, or when somebody bears it elsewhere:
   * to be looked at.
   */
  #seeks(name: NodeName): boolean {
    return name === this.#self.name || !this.reachable(name);
  }

  #isWelcome(name: NodeName): boolean {
    return this.#members.size < NODES_MAX && this.#isOfInterest(name);
  }

  #isOfInterest(name: NodeName): boolean {
    return name === this.#self.name || (this.#circle?.has(name) ?? true);
  }
}
