/**
 * From a seed to a plan. Each run draws first which kinds of faults exist in it at all, and how hard they are
 * (swarm testing, Groce et al. 2012): a run with everything at once seldom gets far enough for what only two
 * of them together bring about. What is drawn of each part stands in draw/.
 */
import { SeededRandom } from '../../src/base/random.ts';
import { between } from './draw/chance.ts';
import { drawClients, drawValueBytesMax } from './draw/clients.ts';
import {
  drawCluster,
  drawDisks,
  drawNetwork,
  drawOutcasts,
  drawStreams,
  drawWithout,
} from './draw/cluster.ts';
import { drawBirthFaults, drawFaults, inOrder } from './draw/faults.ts';
import type { Plan } from './plan.ts';

export function drawPlan(seed: number): Plan {
  const random = new SeededRandom(seed);
  const cluster = drawCluster(random);
  const clients = drawClients(random, cluster);
  const ground = { cluster, clients, safetyMs: between(random, 30_000, 95_000) };
  const birth = random.chance(0.2) ? drawBirthFaults(random, ground) : undefined;
  return {
    seed,
    cluster,
    network: drawNetwork(random),
    disks: drawDisks(random),
    clients,
    valueBytesMax: drawValueBytesMax(random),
    calmBirth: birth === undefined,
    faults: inOrder([...(birth ?? []), ...drawFaults(random, ground)]),
    safetyMs: ground.safetyMs,
    outcasts: drawOutcasts(random, cluster),
    streams: drawStreams(random, clients),
    without: drawWithout(random),
  };
}
