/**
 * Knows the ring for a client: fetches it when it is first needed, again when a node answers with a newer
 * epoch or fails (it may have moved), and finds out which of its addresses lead where it says. All in the
 * background: no call waits for it, and without it every node serves every key.
 *
 * A client that makes one call never asks: for a command it would cost more than the call.
 */
import type { Protos } from '../wire/protos.ts';
import type { Background } from './caller.ts';
import { openChannel } from './channel.ts';
import type { Nodes } from './nodes.ts';
import { readRing, type SeenRing } from './ring-table.ts';
import { isWell } from './standing.ts';
import type { Surroundings } from './surroundings.ts';

export interface RingKeeperParts {
  readonly nodes: Nodes;
  readonly surroundings: Surroundings;
  /** What the node at this address says of its ring; undefined when it says nothing of use. Never rejects. */
  readonly ask: (address: string) => Promise<SeenRing | undefined>;
}

const ASK_MS = 1_000;
/** After a failure, longer each time: an old node will not tell a ring the next time either. */
const AGAIN_MS_FIRST = 1_000;
const AGAIN_MS_MAX = 60_000;
/** Addresses that did not answer are tried again, and nodes that failed may have moved. */
const STALE_MS = 10_000;
/** Of a newer epoch that all nodes tell of at once. */
const NEWER_MS = 1_000;
/** Addresses found out at once. */
const AT_ONCE = 8;

export class RingKeeper implements Background {
  readonly #parts: RingKeeperParts;
  #calls = 0;
  #dueAt = Number.POSITIVE_INFINITY;
  #fetchedAt = 0;
  #againMs = AGAIN_MS_FIRST;
  #fetching = false;
  #closed = false;
  /** By address the names of those that answered there. */
  #proven = new Map<string, string>();

  constructor(parts: RingKeeperParts) {
    this.#parts = parts;
  }

  begun(): void {
    this.#calls += 1;
    if (this.#calls === 2) this.#fetch();
  }

  look(now: number): void {
    if (now >= this.#dueAt) this.#fetch();
  }

  failed(now: number): void {
    if (this.#calls > 1) this.#dueBy(Math.max(now, this.#fetchedAt + STALE_MS));
  }

  /** A node has answered, and its ring is of this epoch. */
  heard(epoch: number): void {
    if (epoch > this.#parts.nodes.epoch && this.#calls > 1) this.#dueBy(this.#fetchedAt + NEWER_MS);
  }

  close(): void {
    this.#closed = true;
  }

  #dueBy(moment: number): void {
    this.#dueAt = Math.min(this.#dueAt, moment);
  }

  #fetch(): void {
    if (this.#fetching || this.#closed) return;
    const { nodes, surroundings } = this.#parts;
    const now = surroundings.now();
    this.#fetching = true;
    this.#fetchedAt = now;
    this.#dueAt = Number.POSITIVE_INFINITY;
    const node = nodes.all.find(known => isWell(known, now)) ?? nodes.all[0]!;
    this.#adopt(node.address)
      .catch(() => this.#failed())
      .finally(() => {
        this.#fetching = false;
      });
  }

  async #adopt(address: string): Promise<void> {
    const { nodes } = this.#parts;
    const ring = await this.#parts.ask(address);
    if (ring === undefined || ring.epoch < nodes.epoch) {
      this.#failed();
      return;
    }
    this.#againMs = AGAIN_MS_FIRST;
    const isWhole = await this.#prove(ring);
    if (this.#closed) return;
    nodes.adopt(ring, new Set(this.#proven.keys()));
    if (!isWhole) this.#dueBy(this.#fetchedAt + STALE_MS);
  }

  #failed(): void {
    this.#dueBy(this.#fetchedAt + this.#againMs);
    this.#againMs = Math.min(this.#againMs * 2, AGAIN_MS_MAX);
  }

  /** @returns whether all members can be asked where the ring says they are */
  async #prove(ring: SeenRing): Promise<boolean> {
    const members = ring.members.map(({ name, up }, i) => ({ name, up, address: ring.addresses[i]! }));
    this.#proven = new Map(members.flatMap(({ address, name }) => this.#isProven(address, name)));
    const unknown = members.filter(
      ({ address }) => !this.#proven.has(address) && !this.#parts.nodes.isGiven(address),
    );
    const asked = unknown.filter(({ up, address }) => up && address !== '');
    for (let i = 0; i < asked.length; i += AT_ONCE)
      await Promise.all(asked.slice(i, i + AT_ONCE).map(member => this.#proveOne(member, ring)));
    return unknown.every(({ address }) => this.#proven.has(address));
  }

  #isProven(address: string, name: string): [string, string][] {
    return this.#proven.get(address) === name ? [[address, name]] : [];
  }

  /**
   * Whoever answers there must be that node of that cluster: the address may be another's in the network of
   * this client.
   */
  async #proveOne({ name, address }: { name: string; address: string }, ring: SeenRing): Promise<void> {
    const theirs = await this.#parts.ask(address);
    if (theirs?.node === name && theirs.clusterId === ring.clusterId) this.#proven.set(address, name);
  }
}

/** Asks by a unary call of its own. */
export function askRing(opened: { protos: Protos; surroundings: Surroundings }): RingKeeperParts['ask'] {
  return async address => {
    const channel = openChannel(address, opened);
    try {
      return readRing(
        await channel.call(opened.protos.cluster.Ring, {}, { timeoutMs: ASK_MS, write: false }),
      );
    } catch {
      // An old node, or nobody there: no call depends on it.
      return undefined;
    } finally {
      channel.close();
    }
  };
}
