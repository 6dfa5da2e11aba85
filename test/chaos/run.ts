/**
 * One run from its beginning to its end: nodes, clients, blows; then quiet, a look at what is there, and the
 * verdict. Whoever starts it closes the cluster.
 */
import { type Client, connect } from '../../src/client/index.ts';
import type { LiveCluster } from '../processes/support/nodes.ts';
import { Deck } from './deck.ts';
import { addressesOf, BUCKET, findAll, handedOff, ownersOf } from './ending.ts';
import { History } from './history.ts';
import { judge } from './judge.ts';
import { Nemesis } from './nemesis.ts';
import type { Ran } from './page.ts';
import { drawPlan } from './plan.ts';
import { Worker } from './worker.ts';

export interface RunOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly faults: boolean;
  readonly tell: (line: string) => void;
}

const CLIENTS = 3;
const WORKERS_EACH = 3;
/** So that workers do not draw what the plan does. */
const APART = 7_919;

/** @param cluster its nodes need not run yet */
export async function run(cluster: LiveCluster, options: RunOptions): Promise<Ran> {
  const { seed, seconds, faults } = options;
  await cluster.start();
  const history = new History();
  const begun = performance.now();
  const now = (): number => performance.now() - begun;
  const tell = (line: string): void =>
    options.tell(
      `${(now() / 1000).toFixed(1).padStart(6)} s  ${line}  (${history.calls.length} calls, ${history.failed} failed)`,
    );
  const nemesis = new Nemesis({ cluster, now, tell });
  const nodes = cluster.nodes.map(({ spec }) => spec.name);
  const over = AbortSignal.timeout(seconds * 1000);
  const clients = Array.from({ length: CLIENTS }, () => connect(addressesOf(cluster)));
  try {
    await Promise.all([
      nemesis.run(faults ? drawPlan({ seed, nodes, seconds }) : [], over),
      ...workersOf(clients, { seed, history, now }).map(worker => worker.run(over)),
    ]);
  } finally {
    await Promise.all(clients.map(client => client.close()));
  }
  tell('the end: what nodes keep for others is handed off');
  await handedOff(cluster);
  tell('what is there is read');
  const keys = [...new Set(history.operations.map(({ key }) => key))];
  const owners = await ownersOf(cluster, keys);
  const found = await findAll(cluster, owners);
  nemesis.dismiss();
  const { struck } = nemesis;
  const { findings: judged, excused } = judge({ history, found, disturbances: struck });
  const findings = [...nemesis.findings, ...judged];
  return { calls: history.calls, operations: history.operations, struck, findings, excused, owners };
}

interface Shared {
  readonly seed: number;
  readonly history: History;
  readonly now: () => number;
}

function workersOf(clients: readonly Client[], { seed, history, now }: Shared): readonly Worker[] {
  return clients.flatMap((client, i) =>
    Array.from({ length: WORKERS_EACH }, (_, j) => {
      const number = i * WORKERS_EACH + j + 1;
      const deck = new Deck(`w${number}`, seed + number * APART);
      return new Worker({ bucket: client.bucket(BUCKET), deck, history, now });
    }),
  );
}
