/** What the faults of disks do; those that cost data are told to the oracles (losses.ts). */
import type { Machine } from '../machine.ts';
import { down, restart } from './ends.ts';
import type { Deeds, FaultOf, Site } from './site.ts';

export const DISK_FAULTS: Deeds<
  'slow disk' | 'write error' | 'disk full' | 'bit rot' | 'log loss' | 'rollback' | 'wipe'
> = {
  'slow disk': (fault, site) => {
    const { disk } = site.machine(fault);
    disk.slow(fault.factor);
    return site.lasting(fault, () => disk.slow(1));
  },
  'write error': (fault, site) => {
    site.machine(fault).disk.failNextWrite(fault);
    site.after(fault.restartAfterMs, () => restartFaulted(fault, site));
    return true;
  },
  'disk full': fillDisk,
  'bit rot': (fault, site) => {
    const { disk } = site.machine(fault);
    const rotten = site.losses.begin(fault.node, () => disk.rot(fault.pick) !== undefined);
    if (rotten) site.reached('loss: rotten row');
    return rotten;
  },
  'log loss': (fault, site) => {
    const lost = whileDown(fault, site, ({ disk }) => disk.loseLog(fault) > 0);
    if (lost) site.cluster.setBacks.delete(fault.node);
    if (lost) site.reached(`loss: of log, ${fault.tail ? 'tail' : 'middle'}`);
    return lost;
  },
  rollback: rollBack,
  wipe: (fault, site) => {
    site.reached('loss: wiped');
    site.cluster.setBacks.delete(fault.node);
    return whileDown(fault, site, ({ disk }) => {
      disk.wipe();
      return true;
    });
  },
};

function restartFaulted(fault: FaultOf<'write error'>, site: Site): void {
  const machine = site.machine(fault);
  if (machine.isFaulted) site.reached(`write error: ${fault.applied ? 'applied' : 'not applied'}`);
  restart(machine);
}

function fillDisk(fault: FaultOf<'disk full'>, site: Site): boolean {
  const machine = site.machine(fault);
  machine.disk.full = true;
  if (fault.tried) site.after(fault.ms / 2, () => restart(machine));
  return site.lasting(fault, () => {
    machine.disk.full = false;
    restart(machine);
  });
}

/** Not without an image that differs from what is there: then the process is left alone, too. */
function rollBack(fault: FaultOf<'rollback'>, site: Site): boolean {
  const { copied, toCleanStop, amnesia } = fault;
  const { setBacks, world } = site.cluster;
  const machine = site.machine(fault);
  const image = site.backups.of(machine, fault);
  if (image === undefined) return false;
  site.reached(`loss: rolled back${toCleanStop ? ' to a clean stop' : ''}`);
  whileDown(fault, site, ({ disk }) => {
    disk.rollBack(image, { copied });
    // A copy it finds out by itself.
    if (!copied) setBacks.add(machine, world.now);
    return true;
  });
  if (amnesia) restartAllBut(fault.node, site);
  return true;
}

/** Nobody is left that remembers what that one last said. */
function restartAllBut(name: string, site: Site): void {
  site.reached('loss: rolled back, and all others restarted');
  for (const machine of site.cluster.machines) {
    if (machine.name !== name && machine.isUp) restart(machine);
  }
}

function whileDown(
  { node, downMs }: { readonly node: string; readonly downMs: number },
  site: Site,
  lose: (machine: Machine) => boolean,
): boolean {
  const machine = site.cluster.machine(node);
  let lost = false;
  const meanwhile = () => {
    lost = site.losses.begin(node, () => lose(machine));
  };
  down(machine, site, { how: 'kill', downMs, meanwhile });
  return lost;
}
