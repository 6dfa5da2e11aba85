/**
 * Carries out the faults of a plan. Those that cost data wait for no one, but are left out while another node has not got over its own loss: the
 * promise holds while fewer than W holders lost their disks (I1), and two losses at once would excuse everything.
 */
import type { SimCluster } from './cluster.ts';
import type { DiskImage } from './disk/disk.ts';
import type { Machine } from './machine.ts';
import type { Oracle } from './oracle.ts';
import type { Fault, FaultKind, Plan } from './plan.ts';

/** How long a log of bit rot stays unnoticed does not matter; how often this looks whether a node has got over it does a little. */
const LOOK_MS = 500;
const SNAPSHOT_MS = 1_000;
const SNAPSHOTS_KEPT = 30;

const LOSSES: ReadonlySet<FaultKind> = new Set(['bit rot', 'log loss', 'rollback', 'wipe']);

export class Faults {
  readonly #cluster: SimCluster;
  readonly #plan: Plan;
  readonly #oracles: readonly Oracle[];
  readonly #done = new Map<string, number>();
  /** Nodes that lost data and have not got over it. */
  readonly #unwell = new Set<string>();
  readonly #images = new Map<string, { at: number; image: DiskImage }[]>();
  #over = false;

  constructor(cluster: SimCluster, { plan, oracles }: { plan: Plan; oracles: readonly Oracle[] }) {
    this.#cluster = cluster;
    this.#plan = plan;
    this.#oracles = oracles;
  }

  /** How many of each kind were carried out. */
  get done(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#done].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Each at its time. */
  schedule(): void {
    const { world } = this.#cluster;
    for (const fault of this.#plan.faults) world.after(fault.at - world.now, () => this.#begin(fault));
    if (this.#plan.faults.some(({ kind }) => kind === 'rollback')) this.#photograph();
  }

  /** Nothing breaks any more; what is broken stays so until {@link heal}. */
  end(): void {
    this.#over = true;
  }

  /** All but the outcasts, which are left as the plan says. */
  heal(): void {
    const { world, network, machines } = this.#cluster;
    this.#note('everything heals but the outcasts');
    network.healAll();
    const outcasts = new Map(this.#plan.outcasts.map(({ node, state }) => [node, state]));
    this.#cluster.core = this.#cluster.nodes.filter(name => !outcasts.has(name));
    for (const machine of machines) {
      machine.disk.mend();
      machine.thaw();
      const state = outcasts.get(machine.name);
      if (state === undefined) this.#cure(machine);
      else this.#castOut(machine, state);
    }
    world.trace.note(world.now, { about: 'node', text: `the core: ${this.#cluster.core.join(' ')}` });
  }

  #cure(machine: Machine): void {
    if (machine.node?.overview.status().state === 'storage-faulted') machine.end('kill');
    machine.start();
  }

  #castOut(machine: Machine, state: 'dead' | 'frozen' | 'cut off'): void {
    this.#note(`${machine.name} stays ${state}`);
    if (state === 'dead') machine.end('kill');
    if (state === 'frozen') machine.freeze();
    if (state === 'cut off') this.#cluster.network.cut(this.#waysOf(machine.name));
  }

  #waysOf(name: string) {
    const others = [
      ...this.#cluster.nodes,
      ...this.#plan.clients.clients.map(client => client.name),
      'auditor',
    ];
    return others
      .filter(other => other !== name)
      .flatMap(other => [
        { from: name, to: other },
        { from: other, to: name },
      ]);
  }

  #begin(fault: Fault): void {
    if (this.#over) return;
    const obstacle = this.#obstacle(fault);
    this.#note(`${fault.id} ${describe(fault)}${obstacle === undefined ? '' : `: not done, ${obstacle}`}`);
    if (obstacle !== undefined) return;
    this.#done.set(fault.kind, (this.#done.get(fault.kind) ?? 0) + 1);
    this.#carryOut(fault);
  }

  #obstacle(fault: Fault): string | undefined {
    if (!('node' in fault)) return undefined;
    const machine = this.#cluster.machine(fault.node);
    const needsProcess =
      fault.kind !== 'wall clock jump' && fault.kind !== 'slow disk' && fault.kind !== 'bit rot';
    if (needsProcess && !machine.isUp) return `${fault.node} is down`;
    if (!this.#losesData(fault)) return undefined;
    const other = [...this.#unwell].find(name => name !== fault.node);
    return other === undefined ? undefined : `${other} has not got over its own loss`;
  }

  #losesData({ kind }: Fault): boolean {
    return LOSSES.has(kind) || (kind === 'power cut' && this.#plan.cluster.durability === 'os');
  }

  #carryOut(fault: Fault): void {
    const { network } = this.#cluster;
    if (fault.kind === 'cut') this.#for(fault.ms, network.cut(fault.ways));
    else if (fault.kind === 'clog') this.#for(fault.ms, network.clog(fault.ways));
    else if (fault.kind === 'bad weather') this.#for(fault.ms, network.weather(fault));
    else this.#onMachine(fault, this.#cluster.machine(fault.node));
  }

  #onMachine(fault: Exclude<Fault, { kind: 'cut' | 'clog' | 'bad weather' }>, machine: Machine): void {
    const { disk } = machine;
    switch (fault.kind) {
      case 'kill':
        this.#down(machine, fault.downMs, () => machine.end('kill'));
        break;
      case 'power cut':
        this.#down(machine, fault.downMs, () => {
          this.#losing(machine, fault, () => machine.end('power cut'));
        });
        break;
      case 'clean stop':
        void machine.stop().then(() => this.#for(fault.downMs, () => machine.start()));
        break;
      case 'pause':
        machine.freeze();
        this.#for(fault.ms, () => machine.thaw());
        break;
      case 'wall clock jump':
        machine.clock.wallOffMs += fault.byMs;
        break;
      case 'slow disk':
        disk.slow(fault.factor);
        this.#for(fault.ms, () => disk.slow(1));
        break;
      case 'write error':
        disk.failNextWrite({ applied: fault.applied });
        this.#for(fault.restartAfterMs, () => this.#restart(machine));
        break;
      case 'disk full':
        disk.full = true;
        this.#for(fault.ms, () => {
          disk.full = false;
          this.#restart(machine);
        });
        break;
      case 'bit rot':
        this.#losing(machine, fault, () => void disk.rot(fault.pick));
        break;
      case 'log loss':
        this.#whileDown(machine, fault, () => disk.loseLog(fault));
        break;
      case 'rollback':
        this.#whileDown(machine, fault, () => this.#rollBack(machine, fault));
        break;
      case 'wipe':
        this.#whileDown(machine, fault, () => disk.wipe());
        break;
    }
  }

  #rollBack({ name, disk }: Machine, { backMs, copied }: Fault & { kind: 'rollback' }): void {
    const image = this.#imageOf(name, backMs);
    if (image !== undefined) disk.rollBack(image, { copied });
  }

  #whileDown(machine: Machine, fault: Fault & { downMs: number }, lose: () => void): void {
    this.#down(machine, fault.downMs, () => {
      machine.end('kill');
      this.#losing(machine, fault, lose);
    });
  }

  #down(machine: Machine, downMs: number, end: () => void): void {
    end();
    this.#for(downMs, () => machine.start());
  }

  #restart(machine: Machine): void {
    if (machine.isFrozen) machine.thaw();
    machine.end('kill');
    machine.start();
  }

  #losing({ name }: Machine, fault: Fault, lose: () => void): void {
    if (!this.#losesData(fault)) {
      lose();
      return;
    }
    for (const oracle of this.#oracles) oracle.losing?.(name);
    lose();
    for (const oracle of this.#oracles) oracle.lost?.(name);
    const watching = this.#unwell.size > 0;
    this.#unwell.add(name);
    if (!watching) this.#watch();
  }

  /** Looks now and then who has got over it. */
  #watch(): void {
    this.#cluster.world.after(LOOK_MS, () => {
      for (const name of [...this.#unwell]) {
        if (this.#isWell(this.#cluster.machine(name))) this.#unwell.delete(name);
      }
      if (this.#unwell.size > 0) this.#watch();
    });
  }

  #isWell({ name, node, isServing }: Machine): boolean {
    if (node === undefined || !isServing || node.overview.status().recoveringPartitions > 0) return false;
    return this.#cluster.keys.every(key => {
      const row = this.#cluster.row(name, key);
      return row === undefined || (row !== 'damaged' && !row.recovering);
    });
  }

  #imageOf(name: string, backMs: number): DiskImage | undefined {
    const until = this.#cluster.world.now - backMs;
    return this.#images.get(name)?.findLast(({ at }) => at <= until)?.image;
  }

  /** Backups of every disk, so that any may be rolled back. */
  #photograph(): void {
    const { world, machines } = this.#cluster;
    for (const { name, disk } of machines) {
      const kept = this.#images.get(name) ?? [];
      kept.push({ at: world.now, image: disk.snapshot() });
      this.#images.set(name, kept.slice(-SNAPSHOTS_KEPT));
    }
    if (!this.#over) world.after(SNAPSHOT_MS, () => this.#photograph());
  }

  #for(ms: number, undo: () => void): void {
    this.#cluster.world.after(ms, () => {
      // What is broken when the core heals is healed by that; an outcast stays as it is.
      if (!this.#over) undo();
    });
  }

  #note(text: string): void {
    const { world } = this.#cluster;
    world.trace.note(world.now, { about: 'fault', text });
  }
}

/** A fault as its line in a log says it. */
export function describe(fault: Fault): string {
  const { id, at, kind, ...facts } = fault;
  const said = Object.entries(facts).map(([name, fact]) =>
    name === 'ways' ? ways(fault) : `${name} ${fact}`,
  );
  return `${kind}: ${said.join(', ')}`;
}

function ways(fault: Fault): string {
  return 'ways' in fault ? fault.ways.map(({ from, to }) => `${from}>${to}`).join(' ') : '';
}
