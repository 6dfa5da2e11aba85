/**
 * Where a node is in its life: it waits until all is settled, serves, and drains, or is refused before it
 * ever serves. There is no way back. What may be done in which state others decide, by asking here.
 */
import type { Cluster } from '../core/membership/cluster.ts';
import type { Ring } from '../core/ring/ring.ts';
import type { NodeState } from '../ports/overview.ts';

export interface Disk {
  /** Why nothing can be written any more; undefined while it can. */
  readonly faulted: Error | undefined;
}

export class Life {
  readonly #disk: Disk;
  #serving: Cluster | undefined;
  #draining = false;
  #refused = false;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Under which ring it serves, or did before it drained; undefined while all is not settled. */
  get serving(): Cluster | undefined {
    return this.#serving;
  }

  get ring(): Ring | undefined {
    return this.#serving?.ring;
  }

  /** It will not begin to serve any more. */
  get isOver(): boolean {
    return this.#draining || this.#refused;
  }

  get state(): NodeState {
    if (this.#draining) return 'draining';
    if (this.#disk.faulted) return 'storage-faulted';
    return this.#serving === undefined ? 'waiting' : 'serving';
  }

  serve(cluster: Cluster): void {
    this.#serving = cluster;
  }

  refuse(): void {
    this.#refused = true;
  }

  /** False when it did so already. */
  drain(): boolean {
    const begins = !this.#draining;
    this.#draining = true;
    return begins;
  }
}
