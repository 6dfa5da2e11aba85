/**
 * Plans for mutants that need one thing above all, which the swarm seldom draws so bare: three nodes, clients
 * at work on few keys, and faults of the one kind that bring the bug to light, again and again. All else is
 * as dull as it can be, so that a seed takes a fraction of a second.
 */
import { SeededRandom } from '../../../src/base/random.ts';
import type { ClientPlan, Deed, Fault, Plan, StreamsPlan, Way } from '../plan.ts';

type Timed<F> = F extends Fault ? Omit<F, 'id'> : never;
type NewFault = Timed<Fault>;

/** One round of faults, which begins at that time. */
export type Round = (at: number, random: SeededRandom) => readonly NewFault[];

export interface Aim {
  /** Of three, all of them owners of every key; more of them, so that some are not. */
  readonly nodes?: number;
  readonly round?: Round;
  readonly everyMs?: number;
  readonly client?: Partial<ClientPlan>;
  readonly streams?: Partial<StreamsPlan>;
  readonly keys?: number;
  readonly safetyMs?: number;
  /** Ways in which owners come together that are off: none. */
  readonly without?: Plan['without'];
  /** How long a message takes at most, nearly always: 1. */
  readonly usualMs?: number;
}

const FIRST_MS = 3_000;
const CLIENTS = 5;
/** They ask some forty times a second. */
const THINK_MS = 120;
const MIX: ClientPlan['mix'] = {
  get: 1,
  'put blind': 0.3,
  'read, merge, write': 1,
  'put overwrite': 0,
  'delete seen': 0.1,
  'delete unseen': 0,
};

/**
 * Write to all, read from one: whatever a node has lost and does not know of is missed by the next read that
 * asks it.
 */
export const READ_ONE: Partial<ClientPlan> = { r: 1, w: 3 };

export function aimedAt(aim: Aim): (plan: Plan) => Plan {
  const { nodes = 3, round = () => [], everyMs = 2_000, client = {}, keys = 6, safetyMs = 15_000 } = aim;
  const { without = [], usualMs = 1 } = aim;
  return plan => {
    const names = numbered('n', nodes);
    const [first] = plan.clients.clients;
    const own = { thinkMs: THINK_MS, strict: true, r: 2, w: 2, deadlineMs: 1_500, mix: MIX, retries: 0 };
    return {
      ...plan,
      cluster: { ...plan.cluster, ...dull(names) },
      network: { delayMs: { min: 0.1, usual: usualMs }, slowShare: 0 },
      streams: { idMax: 2 ** 32 - 1, pieceBytesMax: 256 * 1024, pipelined: [], ...aim.streams },
      disks: { writeMs: { min: 0.1, usual: 0.5 }, slowShare: 0 },
      clients: {
        clients: numbered('c', CLIENTS).map(name => ({ ...first!, ...own, ...client, name })),
        keys: numbered('k', keys),
      },
      valueBytesMax: 0,
      calmBirth: true,
      without,
      faults: rounds(new SeededRandom(plan.seed), { round, everyMs, safetyMs }),
      safetyMs,
      outcasts: [],
    };
  };
}

export function mix(deeds: Partial<Record<Deed, number>>): ClientPlan['mix'] {
  const none = Object.fromEntries(Object.keys(MIX).map(deed => [deed, 0])) as Record<Deed, number>;
  return { ...none, ...deeds };
}

/** All ways between one node and those others. */
export function between(one: string, others: readonly string[]): readonly Way[] {
  return others.flatMap(other => [
    { from: one, to: other },
    { from: other, to: one },
  ]);
}

/** One node misses what the others are told. */
export const CUT_ONE: Round = (at, random) => {
  const [one, ...others] = shuffled(random);
  return [{ at, kind: 'cut', shape: 'one', ways: between(one, others), ms: 1_000 }];
};

export const KILL: Round = (at, random) => [{ at, kind: 'kill', node: shuffled(random)[0], downMs: 300 }];

export const PAUSE: Round = (at, random) => [{ at, kind: 'pause', node: shuffled(random)[0], ms: 1_200 }];

/** What is asked for takes long, and then somebody is gone. */
export const SLOW_THEN_KILL: Round = (at, random) => [...SLOW_DISKS(at, random), ...KILL(at + 400, random)];

/** Of the newest batches, or of some before them. */
export function logLoss({ tail }: { tail: boolean }): Round {
  return (at, random) => [
    { at, kind: 'log loss', node: shuffled(random)[0], downMs: 200, tail, batches: 10 },
  ];
}

/** A row that is damaged costs no more than itself. */
export const ROT: Round = (at, random) => [
  { at, kind: 'bit rot', node: shuffled(random)[0], pick: random.u32() },
];

/** What one of them is quick to take is on no other disk for a while. */
export const SLOW_DISKS: Round = (at, random) => {
  const [one, other] = shuffled(random);
  return [one, other].map(node => ({ at, kind: 'slow disk', node, factor: 100, ms: 800 }));
};

/** A node that has lost everything cannot have it all back while another owner is out of its reach. */
export function wipeApart(at: number, random: SeededRandom) {
  const [node, , out] = shuffled(random);
  return [
    { at, kind: 'cut', shape: 'two', ways: between(out, [node]), ms: 3_500 },
    { at: at + 300, kind: 'wipe', node, downMs: 200 },
  ] as const;
}

/** All clients of an aimed plan ask over streams. */
export const PIPELINED: Partial<StreamsPlan> = { pipelined: numbered('c', CLIENTS) };

/** The nodes of three, in some order. */
export function shuffled(random: SeededRandom): readonly [string, string, string] {
  const left = numbered('n', 3);
  const [a] = left.splice(random.below(3), 1);
  const [b] = left.splice(random.below(2), 1);
  return [a!, b!, left[0]!];
}

function rounds(
  random: SeededRandom,
  { round, everyMs, safetyMs }: Required<Pick<Aim, 'round' | 'everyMs' | 'safetyMs'>>,
): readonly Fault[] {
  const faults: NewFault[] = [];
  for (let at = FIRST_MS; at < safetyMs; at += everyMs) faults.push(...round(at, random));
  return faults.sort((a, b) => a.at - b.at).map((fault, i) => ({ ...fault, id: i + 1 }) as Fault);
}

function dull(nodes: readonly string[]) {
  const clocks = nodes.map(() => ({ rate: 1, wallOffMs: 0 }));
  const places = nodes.map(() => ({ zone: 'z1', weight: 1 }));
  return { nodes, replication: 3, durability: 'fsync' as const, callsMax: 4_096, places, clocks };
}

function numbered(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
}
