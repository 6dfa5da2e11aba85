/** Carries out the faults of a plan, each at its time; what lasts is undone when it is over. What one may not do is left out, and said so. */
import { Backups } from './backups.ts';
import type { SimCluster } from './cluster.ts';
import { Losses } from './losses.ts';
import type { Machine } from './machine.ts';
import type { Oracle } from './oracle.ts';
import type { Fault, Plan, Way } from './plan.ts';
import type { Reached } from './reached.ts';

export class Faults {
  readonly #cluster: SimCluster;
  readonly #plan: Plan;
  readonly #losses: Losses;
  readonly #done = new Map<string, number>();
  readonly #backups: Backups;
  #over = false;

  constructor(cluster: SimCluster, { plan, oracles }: { plan: Plan; oracles: readonly Oracle[] }) {
    this.#cluster = cluster;
    this.#backups = new Backups(cluster);
    this.#plan = plan;
    this.#losses = new Losses(cluster, { plan, oracles });
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

  /** Nothing breaks any more; what is broken stays so until it is healed (healing.ts). */
  end(): void {
    this.#over = true;
    this.#backups.end();
  }

  get #reached(): Reached {
    return this.#cluster.reached;
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
    return this.#losses.costs(fault) ? this.#losses.obstacle(fault.node) : undefined;
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
  #waysAround(key: string): readonly Way[] {
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
          if (this.#losses.costs(fault)) this.#reached.count('loss: power, without fsync');
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
          if (machine.isFaulted)
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
    if (this.#losses.costs(fault)) this.#losses.begin(name, lose);
    else lose();
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
