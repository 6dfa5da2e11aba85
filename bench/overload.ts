/**
 * `make overload`: what three nodes on this machine do when ten times as much is asked of them as they can,
 * and when one of them hardly gets to run (TRAPS §2.6). Finds the peak first (closed loop), then offers its
 * tenfold (open loop, from processes of their own, as raw frames), then looks how soon all is well again. The
 * clients take their share of the same cores, in the peak as in the flood. Prints aims and what was reached.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Came, Offered } from './overload/offered.ts';
import { ClientProcess, memoryDuring, slowed } from './overload/processes.ts';
import { BenchCluster } from './shoal/bench-cluster.ts';

const SECONDS = Number(process.env.SECONDS ?? 10);
const SLOW_SECONDS = Number(process.env.SLOW_SECONDS ?? 60);
const TIMES = 10;
const IN_FLIGHT = 256;
const RECOVERY_SECONDS = 10;
const CARRIAGES = (['pipeline', 'unary'] as const).filter(name => (process.env.ONLY ?? name) === name);
const SLOW = { share: 0.05, periodMs: 200 };

interface Aim {
  readonly what: string;
  readonly reached: number;
  readonly aim: number;
  readonly least: boolean;
  readonly unit: string;
}

const aims: Aim[] = [];
const folder = mkdtempSync(join(tmpdir(), 'shoal-overload-'));
const cluster = await BenchCluster.start({ nodes: 3, durability: 'fsync' }, folder);
const clients = [new ClientProcess(), new ClientProcess()];
const pids = cluster.servers.map(({ pid }) => pid);
try {
  await overload();
  for (const { what, reached, aim, least, unit } of aims) {
    const met = least ? reached >= aim : reached <= aim;
    process.stdout.write(
      `${met ? 'met   ' : 'MISSED'} ${what}: ${reached.toFixed(2)}${unit}, aim ${least ? '≥' : '≤'} ${aim}${unit}\n`,
    );
  }
} finally {
  for (const client of clients) client.end();
  await cluster.stop();
  rmSync(folder, { recursive: true });
}

async function overload(): Promise<void> {
  const all = { addresses: cluster.addresses, streamsEach: 4, readShare: 0.5, seconds: SECONDS };
  await offer('warm-up', { ...all, carriage: 'pipeline', load: { inFlight: IN_FLIGHT } });
  for (const carriage of CARRIAGES) await flood({ ...all, carriage });
  if (SLOW_SECONDS > 0) await slowReplica({ ...all, carriage: 'pipeline' });
}

type Way = Omit<Offered, 'load'>;

async function flood(way: Way): Promise<void> {
  const closed = { ...way, load: { inFlight: IN_FLIGHT } };
  const { carriage } = way;
  const peak = await offer(`${carriage} peak`, closed);
  const perSecond = (TIMES * rate(peak)) / clients.length;
  const { result: flooded, grownMib } = await memoryDuring(pids, () =>
    offerFromAll(`${carriage} flood`, { ...way, load: { perSecond } }),
  );
  const after = await offer(`${carriage} after`, { ...closed, seconds: RECOVERY_SECONDS });
  const whole = after.eachSecond.findIndex(count => count >= 0.95 * rate(peak));
  aims.push(
    {
      what: `${carriage}: goodput in the flood, of peak`,
      reached: rate(flooded) / rate(peak),
      aim: 0.85,
      least: true,
      unit: '',
    },
    {
      what: `${carriage}: p99 of the accepted, of p99 at peak`,
      reached: flooded.p99Ms / peak.p99Ms,
      aim: 3,
      least: false,
      unit: '×',
    },
    {
      what: `${carriage}: memory that a node has taken more`,
      reached: grownMib,
      aim: 256,
      least: false,
      unit: ' MiB',
    },
    {
      what: `${carriage}: 95 % of peak again within`,
      reached: whole < 0 ? Number.POSITIVE_INFINITY : whole + 1,
      aim: 10,
      least: false,
      unit: ' s',
    },
  );
}

/** Clients ask the other two, as the SDK does that sees one slow. */
async function slowReplica(way: Way): Promise<void> {
  const load = { ...way, addresses: way.addresses.slice(0, 2), load: { inFlight: 16 } };
  const before = await offer('all well', load);
  const { result: during, driftMib } = await memoryDuring(pids.slice(0, 2), () =>
    slowed({ pid: pids[2]!, ...SLOW }, () => offer('one slow', { ...load, seconds: SLOW_SECONDS })),
  );
  aims.push(
    {
      what: 'one replica at 5 %: p99, of p99 before',
      reached: during.p99Ms / before.p99Ms,
      aim: 2,
      least: false,
      unit: '×',
    },
    {
      what: 'one replica at 5 %: memory of a coordinator, last third over the second',
      reached: driftMib,
      aim: 24,
      least: false,
      unit: ' MiB',
    },
  );
}

async function offer(name: string, offered: Offered): Promise<Came> {
  const came = await clients[0]!.offer(offered);
  tell(name, came);
  return came;
}

/** Each of them so much; the worse p99 counts. */
async function offerFromAll(name: string, offered: Offered): Promise<Came> {
  const each = await Promise.all(clients.map(client => client.offer(offered)));
  const came = each.reduce(together);
  tell(name, came);
  return came;
}

function together(one: Came, other: Came): Came {
  const reasons = new Set([...Object.keys(one.refused), ...Object.keys(other.refused)]);
  return {
    seconds: Math.max(one.seconds, other.seconds),
    sent: one.sent + other.sent,
    heldBack: one.heldBack + other.heldBack,
    accepted: one.accepted + other.accepted,
    refused: Object.fromEntries(
      [...reasons].map(reason => [reason, (one.refused[reason] ?? 0) + (other.refused[reason] ?? 0)]),
    ),
    eachSecond: one.eachSecond.map((count, second) => count + (other.eachSecond[second] ?? 0)),
    p50Ms: Math.max(one.p50Ms, other.p50Ms),
    p99Ms: Math.max(one.p99Ms, other.p99Ms),
  };
}

function rate({ accepted, seconds }: Came): number {
  return accepted / seconds;
}

function tell(name: string, came: Came): void {
  const { sent, heldBack, seconds, refused, p50Ms, p99Ms } = came;
  const per = (count: number) => `${Math.round(count / seconds)}/s`;
  const reasons = Object.entries(refused).map(([reason, count]) => `${reason} ${per(count)}`);
  const facts = [
    `offered ${per(sent)}`,
    `held back ${per(heldBack)}`,
    `accepted ${per(came.accepted)}`,
    `p50 ${p50Ms.toFixed(1)} ms`,
    `p99 ${p99Ms.toFixed(1)} ms`,
    ...reasons,
  ];
  process.stdout.write(`${name.padEnd(16)} ${facts.join(', ')}\n`);
}
