/**
 * Begins the faults of a plan, each at its time. One that may not be done now is left out, and said so; what
 * really happened is counted.
 */
import type { SimCluster } from '../cluster.ts';
import type { Oracle } from '../oracle.ts';
import type { Fault, FaultKind, Plan } from '../plan.ts';
import { Backups } from './backups.ts';
import { DISK_FAULTS } from './disk-faults.ts';
import { Losses } from './losses.ts';
import { NETWORK_FAULTS } from './network-faults.ts';
import { PROCESS_FAULTS } from './process-faults.ts';
import { type Deeds, type FaultOf, Site } from './site.ts';

const DEEDS: Deeds<FaultKind> = { ...NETWORK_FAULTS, ...PROCESS_FAULTS, ...DISK_FAULTS };

/** These befall a machine, not what runs on it. */
const WITHOUT_PROCESS: ReadonlySet<FaultKind> = new Set(['wall clock jump', 'slow disk', 'bit rot']);

export class Faults {
  readonly #cluster: SimCluster;
  readonly #plan: Plan;
  readonly #site: Site;
  readonly #done = new Map<FaultKind, number>();

  constructor(cluster: SimCluster, { plan, oracles }: { plan: Plan; oracles: readonly Oracle[] }) {
    this.#cluster = cluster;
    this.#plan = plan;
    const losses = new Losses(cluster, { plan, oracles });
    this.#site = new Site({ cluster, losses, backups: new Backups(cluster) });
  }

  /** How many of each kind came to anything. */
  get done(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#done].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Each at its time. */
  schedule(): void {
    const { world } = this.#cluster;
    for (const fault of this.#plan.faults) world.after(fault.at - world.now, () => this.#begin(fault));
    if (this.#plan.faults.some(({ kind }) => kind === 'rollback')) this.#site.backups.begin();
  }

  /** Nothing breaks any more; what is broken stays so until it is healed (healing.ts). */
  end(): void {
    this.#site.close();
  }

  #begin(fault: Fault): void {
    if (this.#site.isClosed) return;
    const obstacle = this.#obstacle(fault);
    this.#note(`${fault.id} ${describe(fault)}${obstacle === undefined ? '' : `: not done, ${obstacle}`}`);
    if (obstacle !== undefined) return;
    if (carryOut(fault, this.#site)) this.#done.set(fault.kind, (this.#done.get(fault.kind) ?? 0) + 1);
    else this.#note(`${fault.id} came to nothing`);
  }

  #obstacle(fault: Fault): string | undefined {
    if (!('node' in fault)) return undefined;
    if (!this.#cluster.isBorn && this.#needsRing(fault)) return 'the cluster is not born';
    const isDown = !this.#site.machine(fault).isUp;
    if (isDown && !WITHOUT_PROCESS.has(fault.kind)) return `${fault.node} is down`;
    if ('beside' in fault) return undefined;
    const { losses } = this.#site;
    return losses.costs(fault) ? losses.obstacle(fault.node) : undefined;
  }

  /**
   * Founding is all or nothing: whose disk fails or loses its vote meanwhile may be waited for in vain, and
   * rightly.
   */
  #needsRing(fault: Fault): boolean {
    return this.#site.losses.costs(fault) || fault.kind === 'write error' || fault.kind === 'disk full';
  }

  #note(text: string): void {
    const { world } = this.#cluster;
    world.trace.note(world.now, { about: 'fault', text });
  }
}

function carryOut<Kind extends FaultKind>(fault: FaultOf<Kind>, site: Site): boolean {
  const deed = DEEDS[fault.kind as Kind];
  return deed(fault, site);
}

/** A fault as its line in a log says it. */
function describe(fault: Fault): string {
  const { id, at, kind, ...facts } = fault;
  const said = Object.entries(facts).map(([name, fact]) =>
    name === 'ways' ? ways(fault) : `${name} ${fact}`,
  );
  return `${kind}: ${said.join(', ')}`;
}

function ways(fault: Fault): string {
  return 'ways' in fault ? fault.ways.map(({ from, to }) => `${from}>${to}`).join(' ') : '';
}
