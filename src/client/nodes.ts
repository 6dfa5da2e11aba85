/**
 * The nodes that a client knows: those it was given, and those of the ring that have answered where the ring
 * says they are. Tells who holds a key.
 *
 * Why a node of the ring must have answered first: the addresses in it are those that the nodes call
 * themselves by. Behind a proxy, in another network, or for a node that listens on 0.0.0.0, they lead nowhere
 * or to somebody else; what the program gave is then all there is, and enough.
 */
import { placeKey } from '../core/ring/placement.ts';
import type { KnownNode } from './known-node.ts';
import type { KeyName } from './shown.ts';

/** The ring as far as a client needs it. */
export interface RingTable {
  readonly epoch: number;
  /** host:port; empty where it is not known. */
  readonly addresses: readonly string[];
  /** For each partition, indexes of its primaries in `addresses`. */
  readonly primaries: readonly (readonly number[])[];
}

export class Nodes {
  readonly #given: readonly KnownNode[];
  readonly #open: (address: string) => KnownNode;
  readonly #known = new Map<string, KnownNode>();
  /** Of the ring, those that answered at their address. */
  #proven: ReadonlySet<string>;
  #ring: RingTable | undefined;
  #owners: readonly (readonly KnownNode[])[] = [];
  #all: readonly KnownNode[];
  /** The one that answered last: there is nothing else to go by while it is not known who holds what. */
  #preferred = 0;
  #turn = 0;

  /** @param given host:port, in the order in which they are to be tried; at least one */
  constructor(given: readonly string[], open: (address: string) => KnownNode) {
    this.#open = open;
    this.#given = given.map(address => this.#at(address));
    this.#all = this.#given;
    this.#proven = new Set(given);
  }

  get all(): readonly KnownNode[] {
    return this.#all;
  }

  get epoch(): number {
    return this.#ring?.epoch ?? 0;
  }

  isGiven(address: string): boolean {
    return this.#given.some(node => node.address === address);
  }

  /** Undefined while the ring is not known. */
  partitionOf(key: KeyName): number | undefined {
    return this.#ring && placeKey(key, this.#ring.primaries.length).partition;
  }

  ownersOf(partition: number | undefined): readonly KnownNode[] {
    return partition === undefined ? this.#given : (this.#owners[partition] ?? this.#given);
  }

  /** Among equals: reads take turns, writes of one key meet at one node. */
  first(partition: number | undefined, write: boolean): number {
    if (partition === undefined) return this.#preferred;
    if (write) return 0;
    this.#turn = (this.#turn + 1) % 0xffff;
    return this.#turn;
  }

  /** It has answered. */
  prefer(node: KnownNode): void {
    if (this.#given[this.#preferred] === node) return;
    const at = this.#given.indexOf(node);
    if (at >= 0) this.#preferred = at;
  }

  /** Takes this ring, in which only these addresses, and those that were given, are used. */
  adopt(ring: RingTable, proven: ReadonlySet<string>): void {
    this.#ring = ring;
    this.#proven = new Set([...proven, ...this.#given.map(({ address }) => address)]);
    const members = ring.addresses.map(address =>
      this.#proven.has(address) ? this.#at(address) : undefined,
    );
    const isThere = (node: KnownNode | undefined): node is KnownNode => node !== undefined;
    this.#owners = ring.primaries.map(indexes => {
      const owners = indexes.map(index => members[index]).filter(isThere);
      return owners.length > 0 ? owners : this.#given;
    });
    this.#all = [...new Set([...members.filter(isThere), ...this.#given])];
    this.#forgetOthers();
  }

  rest(): void {
    for (const node of this.#known.values()) node.line.rest();
  }

  close(): void {
    for (const node of this.#known.values()) node.line.close();
  }

  #at(address: string): KnownNode {
    const known = this.#known.get(address) ?? this.#open(address);
    this.#known.set(address, known);
    return known;
  }

  /** What is under way to them comes to its end. */
  #forgetOthers(): void {
    for (const [address, node] of this.#known) {
      if (this.#all.includes(node)) continue;
      this.#known.delete(address);
      node.line.rest();
    }
  }
}
