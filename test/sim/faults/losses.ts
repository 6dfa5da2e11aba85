/**
 * Losses of data, one node at a time: one is left out while another node has not got over its own. The
 * promise holds while fewer than W holders lost their disks (I1), and two losses at once would excuse
 * everything.
 */
import type { SimCluster } from '../cluster.ts';
import type { Machine } from '../machine.ts';
import type { Oracle } from '../oracle.ts';
import type { Fault, FaultKind, Plan } from '../plan.ts';

/** How often this looks whether a node has got over it. */
const LOOK_MS = 500;

const KINDS: ReadonlySet<FaultKind> = new Set(['bit rot', 'log loss', 'rollback', 'wipe']);

export class Losses {
  /** Then a power cut costs data, too. */
  readonly withoutFsync: boolean;
  readonly #cluster: SimCluster;
  readonly #oracles: readonly Oracle[];
  /** Nodes that lost data and have not got over it. */
  readonly #unwell = new Set<string>();

  constructor(cluster: SimCluster, { plan, oracles }: { plan: Plan; oracles: readonly Oracle[] }) {
    this.#cluster = cluster;
    this.withoutFsync = plan.cluster.durability === 'os';
    this.#oracles = oracles;
  }

  /** Whether what was durable may be gone after it. */
  costs({ kind }: Fault): boolean {
    return KINDS.has(kind) || (kind === 'power cut' && this.withoutFsync);
  }

  /** Why that node must not lose anything now; undefined if it may. */
  obstacle(node: string): string | undefined {
    const other = [...this.#unwell].find(name => name !== node);
    return other === undefined ? undefined : `${other} has not got over its own loss`;
  }

  /**
   * Tells the oracles before and after, and watches how the node gets over it. Says, as `lose` does, whether
   * anything was lost.
   */
  begin(node: string, lose: () => boolean): boolean {
    for (const oracle of this.#oracles) oracle.losing?.(node);
    const lost = lose();
    for (const oracle of this.#oracles) oracle.lost?.(node);
    if (lost) this.#watchOver(node);
    return lost;
  }

  #watchOver(node: string): void {
    const watching = this.#unwell.size > 0;
    this.#unwell.add(node);
    if (!watching) this.#watch();
  }

  #watch(): void {
    this.#cluster.world.after(LOOK_MS, () => {
      for (const name of [...this.#unwell]) {
        if (this.#isWell(this.#cluster.machine(name))) this.#unwell.delete(name);
      }
      if (this.#unwell.size > 0) this.#watch();
    });
  }

  /** One that does not know of its loss fetches nothing back. */
  #isWell(machine: Machine): boolean {
    const { name, node, isServing } = machine;
    if (this.#cluster.setBacks.isUnnoticed(machine)) return false;
    if (node === undefined || !isServing || node.overview.status().recoveringPartitions > 0) return false;
    return this.#cluster.keys.every(key => {
      const row = this.#cluster.row(name, key);
      return row === undefined || (row !== 'damaged' && !row.recovering);
    });
  }
}
