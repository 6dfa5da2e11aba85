/**
 * Where faults are carried out: the cluster, and what all of them need of it. Once the core heals, nothing
 * here breaks or mends anything more.
 */
import type { SimCluster } from '../cluster.ts';
import type { Machine } from '../machine.ts';
import type { Fault, FaultKind } from '../plan.ts';
import type { Backups } from './backups.ts';
import type { Losses } from './losses.ts';

export type FaultOf<Kind extends FaultKind> = Extract<Fault, { readonly kind: Kind }>;

/** What is done for each kind; says whether anything came of it. */
export type Deeds<Kinds extends FaultKind> = {
  readonly [Kind in Kinds]: (fault: FaultOf<Kind>, site: Site) => boolean;
};

export interface SiteParts {
  readonly cluster: SimCluster;
  readonly losses: Losses;
  readonly backups: Backups;
}

export class Site {
  readonly cluster: SimCluster;
  readonly losses: Losses;
  readonly backups: Backups;
  #closed = false;

  constructor({ cluster, losses, backups }: SiteParts) {
    this.cluster = cluster;
    this.losses = losses;
    this.backups = backups;
  }

  /** What is broken when the core heals is healed by that; an outcast stays as it is. */
  get isClosed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    this.backups.end();
  }

  machine({ node }: { readonly node: string }): Machine {
    return this.cluster.machine(node);
  }

  reached(what: string): void {
    this.cluster.reached.count(what);
  }

  after(ms: number, undo: () => void): void {
    this.cluster.world.after(ms, () => {
      if (!this.#closed) undo();
    });
  }

  /** Undone after that time. */
  lasting({ ms }: { readonly ms: number }, undo: () => void): true {
    this.after(ms, undo);
    return true;
  }
}
