/** A cluster and the oracles over it: what they are told of, and what of it they may look at. */
import { patienceOf } from './clients.ts';
import { SimCluster } from './cluster.ts';
import type { Judge } from './judge.ts';
import type { Oracle } from './oracle.ts';
import { allOracles } from './oracles/all.ts';
import type { Plan } from './plan.ts';
import { notesIn } from './reached.ts';
import type { World } from './time/world.ts';

/** What an answer may take beyond its deadline: timers are whole milliseconds, and clocks run differently. */
const SLACK_MS = 100;
/** More than clients of a plan have under way. */
const CALLS_MAX_CALM = 1_000;

export function judgedCluster(
  plan: Plan,
  { world, judge }: { world: World; judge: Judge },
): { cluster: SimCluster; oracles: readonly Oracle[] } {
  let told: Oracle = {};
  const cluster = new SimCluster(plan, world, {
    onCommitted: (node, batch) => told.committed?.(node, batch),
    onBug: bug => judge.broken(bug),
  });
  const { network } = cluster;
  const oracles = allOracles(cluster, {
    deadlines: {
      patienceMs: client => patienceOf(client, plan),
      slackMs: SLACK_MS,
      onServed: tell => network.onServed(served => judge.guard(() => tell(served))),
    },
    traffic: {
      underWay: (from, to) => network.underWay({ from, to }),
      leftOver: () => cluster.leftOver(),
    },
    onExcused: () => cluster.reached.count('excused: rolled back, and nobody left to tell'),
    onRemovalExcused: why => cluster.reached.count(`excused: ${why}`),
    calm: isCalm(plan),
    doubles: plan.faults.some(fault => fault.kind === 'bad weather' && fault.duplicate > 0),
  });
  told = judge.guarded([...oracles, notesIn(cluster.reached, cluster)]);
  return { cluster, oracles };
}

/** Doors that let in few turn some away, and what is slow by chance comes too late for some. */
function isCalm({ faults, outcasts, calmBirth, cluster, network, disks }: Plan): boolean {
  const isQuick = network.slowShare === 0 && disks.slowShare === 0 && cluster.callsMax >= CALLS_MAX_CALM;
  return isQuick && calmBirth && faults.length === 0 && outcasts.length === 0;
}
