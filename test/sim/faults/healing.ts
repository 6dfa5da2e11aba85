/** The end of all faults: a core heals, and a few outcasts stay as broken as the plan says. */
import type { SimCluster } from '../cluster.ts';
import type { Machine } from '../machine.ts';
import type { Outcast, Plan, Way } from '../plan.ts';

export function heal(cluster: SimCluster, plan: Plan): void {
  note(cluster, 'everything heals but the outcasts');
  cluster.network.healAll();
  const outcasts = new Map(plan.outcasts.map(({ node, state }) => [node, state]));
  cluster.core = cluster.nodes.filter(name => !outcasts.has(name));
  for (const machine of cluster.machines) {
    machine.disk.mend();
    machine.thaw();
    const state = outcasts.get(machine.name);
    if (state === undefined) cure(machine);
    else castOut(machine, { state, cluster, plan });
  }
  cluster.world.trace.note(cluster.now, { about: 'node', text: `the core: ${cluster.core.join(' ')}` });
}

function cure(machine: Machine): void {
  if (machine.isFaulted) machine.end('kill');
  machine.start();
}

interface Banishment {
  readonly state: Outcast['state'];
  readonly cluster: SimCluster;
  readonly plan: Plan;
}

function castOut(machine: Machine, { state, cluster, plan }: Banishment): void {
  note(cluster, `${machine.name} stays ${state}`);
  cluster.reached.count(`outcast: ${state}`);
  if (state === 'dead') machine.end('kill');
  if (state === 'frozen') freeze(machine);
  if (state === 'cut off') cluster.network.cut(waysOf(machine.name, plan));
}

/** One that cannot start just now is not tried again: it would come up and be well (seed 1630059877). */
function freeze(machine: Machine): void {
  machine.freeze();
  if (!machine.isFrozen) machine.end('kill');
}

/** To and from everybody, clients too. */
function waysOf(name: string, { cluster, clients }: Plan): readonly Way[] {
  const others = [...cluster.nodes, ...clients.clients.map(client => client.name), 'auditor'];
  return others
    .filter(other => other !== name)
    .flatMap(other => [
      { from: name, to: other },
      { from: other, to: name },
    ]);
}

function note({ world, now }: SimCluster, text: string): void {
  world.trace.note(now, { about: 'fault', text });
}
