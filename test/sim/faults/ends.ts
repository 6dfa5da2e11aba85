/** How processes end by a fault, and when they are started again. */
import type { Machine } from '../machine.ts';
import type { Site } from './site.ts';

/** Ends it at once; `meanwhile` is done to what is left of it. */
export function down(
  machine: Machine,
  site: Site,
  { downMs, how, meanwhile }: { downMs: number; how: 'kill' | 'power cut'; meanwhile?: () => void },
): void {
  machine.end(how);
  meanwhile?.();
  countUp(site);
  site.after(downMs, () => machine.start());
}

/** As an operator does it. Only what ended cleanly is worth a copy. */
export function stop(machine: Machine, site: Site, { downMs }: { downMs: number }): void {
  void machine.stop().then(({ clean }) => {
    if (clean) site.backups.stopped(machine);
    countUp(site);
    site.after(downMs, () => machine.start());
  });
}

export function restart(machine: Machine): void {
  if (machine.isFrozen) machine.thaw();
  machine.end('kill');
  machine.start();
}

function countUp(site: Site): void {
  const { machines, replication } = site.cluster;
  const up = machines.filter(({ isUp }) => isUp).length;
  if (up === 0) site.reached('end: nobody is up');
  else if (up < Math.floor(replication / 2) + 1) site.reached('end: fewer than W are up');
}
