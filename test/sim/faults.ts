/**
 * Carries out the faults of a plan. Those that cost data wait for no one, but are left out while another node has not got over its own loss: the
 * promise holds while fewer than W holders lost their disks (I1), and two losses at once would excuse everything.
 */
import { Backups } from './backups.ts';
import type { SimCluster } from './cluster.ts';
import type { Machine } from './machine.ts';
import type { Oracle } from './oracle.ts';
import type { Fault, FaultKind, Plan } from './plan.ts';
import type { Reached } from './reached.ts';

/** How long a log of bit rot stays unnoticed does not matter; how often this looks whether a node has got over it does a little. */
const LOOK_MS = 500;

const LOSSES: ReadonlySet<FaultKind> = new Set(['bit rot', 'log loss', 'rollback', 'wipe']);

export class Faults {
  readonly #cluster: SimCluster;
  readonly #plan: Plan;
  readonly #oracles: readonly Oracle[];
  readonly #done = new Map<string, number>();
  /** Nodes that lost data and have not got over it. */
  readonly #unwell = new Set<string>();
  readonly #backups: Backups;
  #over = false;

  constructor(cluster: SimCluster, { plan, oracles }: { plan: Plan; oracles: readonly Oracle[] }) {
    this.#cluster = cluster;
    this.#backups = new Backups(cluster);
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
    if (this.#plan.faults.some(({ kind }) => kind === 'rollback')) this.#backups.begin();
  }

  /** Nothing breaks any more; what is broken stays so until {@link heal}. */
  end(): void {
    this.#over = true;
    this.#backups.end();
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
    if (isFaulted(machine)) machine.end('kill');
    machine.start();
  }

  #castOut(machine: Machine, state: 'dead' | 'frozen' | 'cut off'): void {
    this.#note(`${machine.name} stays ${state}`);
    this.#reached.count(`outcast: ${state}`);
    if (state === 'dead') machine.end('kill');
    if (state === 'frozen') machine.freeze();
    if (state === 'cut off') this.#cluster.network.cut(this.#waysOf(machine.name));
  }

  get #reached(): Reached {
    return this.#cluster.reached;
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
    if (fault.kind === 'cut') this.#cut(fault);
    else if (fault.kind === 'owners cut') this.#for(fault.ms, network.cut(this.#waysAround(fault.key)));
    else if (fault.kind === 'many down') this.#manyDown(fault);
    else if (fault.kind === 'clog') this.#for(fault.ms, network.clog(fault.ways));
    else if (fault.kind === 'bad weather') this.#for(fault.ms, network.weather(fault));
    else this.#onMachine(fault, this.#cluster.machine(fault.node));
  }

  #cut({ shape, ways, ms }: Fault & { kind: 'cut' }): void {
    this.#reached.count(`cut: ${shape}`);
    this.#for(ms, this.#cluster.network.cut(ways));
  }

  /** Between the owners of this key and all other nodes. */
  #waysAround(key: string) {
    const owners = this.#cluster.primaries(key);
    return owners.flatMap(owner =>
      this.#cluster.nodes
        .filter(name => !owners.includes(name))
        .flatMap(other => [
          { from: owner, to: other },
          { from: other, to: owner },
        ]),
    );
  }

  /** Without fsync many losses at once would excuse everything: there all that goes is the processes. */
  #manyDown({ nodes, how, downMs, stepMs }: Fault & { kind: 'many down' }): void {
    const end = how === 'power cut' && this.#plan.cluster.durability === 'os' ? 'kill' : how;
    for (const [i, name] of nodes.entries()) {
      const machine = this.#cluster.machine(name);
      const backMs = downMs + i * stepMs;
      if (end === 'clean stop') this.#stop(machine, backMs);
      else if (machine.isUp) this.#down(machine, backMs, () => machine.end(end));
    }
    this.#countUp();
  }

  #onMachine(
    fault: Exclude<Fault, { kind: 'cut' | 'clog' | 'bad weather' | 'owners cut' | 'many down' }>,
    machine: Machine,
  ): void {
    const { disk } = machine;
    switch (fault.kind) {
      case 'kill':
        this.#down(machine, fault.downMs, () => machine.end('kill'));
        break;
      case 'power cut':
        this.#down(machine, fault.downMs, () => {
          this.#losing(machine, fault, () => machine.end('power cut'));
          if (this.#losesData(fault)) this.#reached.count('loss: power, without fsync');
        });
        break;
      case 'clean stop':
        this.#stop(machine, fault.downMs);
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
        this.#for(fault.restartAfterMs, () => {
          if (isFaulted(machine))
            this.#reached.count(`write error: ${fault.applied ? 'applied' : 'not applied'}`);
          this.#restart(machine);
        });
        break;
      case 'disk full':
        disk.full = true;
        if (fault.tried) this.#for(fault.ms / 2, () => this.#restart(machine));
        this.#for(fault.ms, () => {
          disk.full = false;
          this.#restart(machine);
        });
        break;
      case 'bit rot':
        this.#losing(machine, fault, () => {
          if (disk.rot(fault.pick)) this.#reached.count('loss: rotten row');
        });
        break;
      case 'log loss':
        this.#whileDown(machine, fault, () => {
          const lost = disk.loseLog(fault) > 0;
          if (lost) this.#reached.count(`loss: of log, ${fault.tail ? 'tail' : 'middle'}`);
        });
        break;
      case 'rollback':
        this.#whileDown(machine, fault, () => this.#rollBack(machine, fault));
        break;
      case 'wipe':
        this.#whileDown(machine, fault, () => {
          disk.wipe();
          this.#reached.count('loss: wiped');
        });
        break;
    }
  }

  #rollBack(machine: Machine, fault: Fault & { kind: 'rollback' }): void {
    const { toCleanStop, backMs, copied, amnesia } = fault;
    const image = this.#backups.of(machine, { toCleanStop, backMs });
    if (image === undefined) return;
    machine.disk.rollBack(image, { copied });
    this.#reached.count(`loss: rolled back${toCleanStop ? ' to a clean stop' : ''}`);
    if (amnesia) this.#restartAllBut(machine.name);
  }

  /** Nobody is left that remembers what that one last said. */
  #restartAllBut(name: string): void {
    this.#reached.count('loss: rolled back, and all others restarted');
    for (const machine of this.#cluster.machines) {
      if (machine.name !== name && machine.isUp) this.#restart(machine);
    }
  }

  #stop(machine: Machine, downMs: number): void {
    if (!machine.isUp) return;
    void machine.stop().then(() => {
      this.#backups.stopped(machine);
      this.#countUp();
      this.#for(downMs, () => machine.start());
    });
  }

  #countUp(): void {
    const up = this.#cluster.machines.filter(({ isUp }) => isUp).length;
    const majority = Math.floor(this.#cluster.replication / 2) + 1;
    if (up === 0) this.#reached.count('end: nobody is up');
    else if (up < majority) this.#reached.count('end: fewer than W are up');
  }

  #whileDown(machine: Machine, fault: Fault & { downMs: number }, lose: () => void): void {
    this.#down(machine, fault.downMs, () => {
      machine.end('kill');
      this.#losing(machine, fault, lose);
    });
  }

  #down(machine: Machine, downMs: number, end: () => void): void {
    end();
    this.#countUp();
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

function isFaulted({ node }: Machine): boolean {
  return node?.overview.status().state === 'storage-faulted';
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
