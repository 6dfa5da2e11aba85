/**
 * Whom this node knows, where they are, and when it last heard from them. A member's own word counts; what others say of it only fills a
 * gap. So a stranger under a known name cannot take its place while the known one lives: the later of the two is told to stop
 * (DESIGN §7, *Membership*).
 */
import { compareText } from '../base/bytes.ts';
import type { NodeName } from '../base/ids.ts';
import type { Member } from '../core/cluster.ts';
import { afterFailure, afterHearing, type Contact, isReachable, NO_CONTACT } from '../core/reachability.ts';
import type { Clock } from '../ports/clock.ts';
import type { Failure } from '../ports/replica.ts';

export class Acquaintances {
  readonly #self: Member;
  readonly #clock: Clock;
  readonly #members = new Map<NodeName, Member>();
  readonly #contacts = new Map<NodeName, Contact>();

  constructor({ self, clock, remembered }: { self: Member; clock: Clock; remembered: readonly Member[] }) {
    this.#self = self;
    this.#clock = clock;
    for (const member of remembered) this.#members.set(member.name, member);
    this.#members.set(self.name, self);
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

  reachable(name: NodeName): boolean {
    return name === this.#self.name || isReachable(this.#contacts.get(name) ?? NO_CONTACT, this.#clock.now());
  }

  heard(name: NodeName): void {
    this.#contacts.set(name, afterHearing(this.#clock.now()));
  }

  failed(name: NodeName, failure: Failure): void {
    this.#contacts.set(name, afterFailure(this.#contacts.get(name) ?? NO_CONTACT, failure));
  }

  /** A member speaks for itself. False when another process under its name is alive elsewhere: then nothing is learned. */
  introduced(member: Member): boolean {
    const known = this.#members.get(member.name);
    if (known !== undefined && member.name === this.#self.name) return known.bootId === member.bootId;
    const moved =
      known !== undefined &&
      known.bootId !== '' &&
      known.bootId !== member.bootId &&
      known.peerAddress !== member.peerAddress;
    if (moved && this.reachable(member.name)) return false;
    this.#members.set(member.name, member);
    this.heard(member.name);
    return true;
  }

  /** Somebody else speaks of a member. */
  mentioned(member: Member): void {
    if (member.name === this.#self.name || this.reachable(member.name)) return;
    this.#members.set(member.name, member);
  }
}
