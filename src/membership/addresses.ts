/**
 * Whom to greet (DESIGN §7): the `--join` addresses, and every member where it was last. Whoever has answered
 * is left to gossip from then on, until another process answers there. Decides nothing about what is said.
 */
import type { BootId, NodeName } from '../base/ids.ts';
import type { Member } from '../core/membership/cluster.ts';
import type { Acquaintances } from './acquaintances.ts';

export interface AddressesParts {
  readonly self: Member;
  /** Peer addresses of `--join`. */
  readonly join: readonly string[];
  readonly acquaintances: Acquaintances;
}

export class Addresses {
  readonly #parts: AddressesParts;
  /** `--join` addresses of others. */
  readonly #join: readonly string[];
  /** Those of them that have answered. */
  readonly #joined = new Set<string>();
  /** The process of each member that has answered a greeting. */
  readonly #greeted = new Map<NodeName, BootId>();

  constructor(parts: AddressesParts) {
    this.#parts = parts;
    this.#join = parts.join.filter(address => address !== parts.self.peerAddress);
  }

  everybody(): Iterable<string> {
    const members = this.#parts.acquaintances.others().map(({ peerAddress }) => peerAddress);
    return this.#butOwn([...members, ...this.#join]);
  }

  /** Those who have not answered yet, and processes that are new. */
  newcomers(): Iterable<string> {
    const others = this.#parts.acquaintances.others();
    const unmet = others.filter(({ name, bootId }) => this.#greeted.get(name) !== bootId);
    return this.#butOwn([...unmet.map(({ peerAddress }) => peerAddress), ...this.silent]);
  }

  /** `--join` addresses that have not answered. */
  get silent(): readonly string[] {
    return this.#join.filter(address => !this.#joined.has(address));
  }

  /** Whether the operator has named it. */
  isJoin(address: string): boolean {
    return this.#join.includes(address);
  }

  /** Somebody has answered there. */
  answeredAt(address: string): void {
    if (this.isJoin(address)) this.#joined.add(address);
  }

  /** This process of a member has answered all that was asked. */
  greeted({ name, bootId }: Member): void {
    this.#greeted.set(name, bootId);
  }

  /** It is to be greeted anew, whatever process it is. */
  forget(name: NodeName): void {
    this.#greeted.delete(name);
  }

  #butOwn(addresses: readonly string[]): Iterable<string> {
    const others = new Set(addresses);
    others.delete(this.#parts.self.peerAddress);
    return others;
  }
}
