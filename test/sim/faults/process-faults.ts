/** What the faults of processes and their clocks do. */
import { down, stop } from './ends.ts';
import type { Deeds, FaultOf, Site } from './site.ts';

export const PROCESS_FAULTS: Deeds<
  'kill' | 'power cut' | 'clean stop' | 'many down' | 'pause' | 'wall clock jump'
> = {
  kill: (fault, site) => {
    down(site.machine(fault), site, { how: 'kill', downMs: fault.downMs });
    return true;
  },
  'power cut': (fault, site) => {
    cutPower(fault, site);
    return true;
  },
  'clean stop': (fault, site) => {
    stop(site.machine(fault), site, fault);
    return true;
  },
  'many down': endMany,
  pause: (fault, site) => {
    const machine = site.machine(fault);
    if (machine.isFrozen) return false;
    machine.freeze();
    return site.lasting(fault, () => machine.thaw());
  },
  'wall clock jump': (fault, site) => {
    site.machine(fault).clock.wallOffMs += fault.byMs;
    return true;
  },
};

/** With fsync it costs nothing that was durable. */
function cutPower(fault: FaultOf<'power cut'>, site: Site): void {
  const { node, downMs } = fault;
  const end = () => {
    down(site.machine(fault), site, { how: 'power cut', downMs });
    return true;
  };
  if (!site.losses.costs(fault)) end();
  else if (site.losses.begin(node, end)) site.reached('loss: power, without fsync');
}

/** Without fsync many losses at once would excuse everything: there all that goes is the processes. */
function endMany({ nodes, how, downMs, stepMs }: FaultOf<'many down'>, site: Site): boolean {
  const real = how === 'power cut' && site.losses.withoutFsync ? 'kill' : how;
  const up = nodes.map((name, i) => ({ machine: site.cluster.machine(name), backMs: downMs + i * stepMs }));
  const ended = up.filter(({ machine }) => machine.isUp);
  for (const { machine, backMs } of ended) {
    if (real === 'clean stop') stop(machine, site, { downMs: backMs });
    else down(machine, site, { how: real, downMs: backMs });
  }
  return ended.length > 0;
}
