/**
 * How soon a node that is gone is known to be by all others, and what becomes of nodes that are not gone when
 * the network or a machine is in trouble.
 */
import { SeededRandom } from '../../../src/base/random.ts';
import type { Weather } from '../network/network.ts';
import { School } from './school.ts';
import { type Judged, Watch } from './watch.ts';

export const NODES = 9;
const QUIET_MS = 10_000;
const TROUBLE_MS = 60_000;
const PAUSE_MS = 5_000;
const LOSS = 0.3;
/** The least that Linux waits. */
const RESENT_MS = 200;
const JUMP_MS = 3_600_000;
const JUMPS_EVERY_MS = 2_000;

/** `killed`: as by kill -9. `stopped`: as by SIGSTOP, its connections stay open. */
export type Gone = 'killed' | 'stopped';

/** @returns ms until all others hold it for down */
export async function untilKnown(how: Gone, seed: number): Promise<number> {
  const school = await quiet(seed);
  const name = anyOf(school, seed);
  if (how === 'killed') school.machine(name).end('kill');
  else school.machine(name).freeze();
  const { allMs } = await school.spread(school.others(name), {
    of: name,
    sees: ({ state }) => state === 'down',
  });
  return allMs;
}

interface Trouble {
  readonly name: string;
  /** Brings it about and ends it. */
  readonly during: (school: School, seed: number) => Promise<void>;
  readonly mayBeDown: (school: School, seed: number) => readonly string[];
}

const nobody = () => [];

export const TROUBLES: readonly Trouble[] = [
  {
    name: 'one stands still for 5 s',
    mayBeDown: (school, seed) => [anyOf(school, seed)],
    during: async (school, seed) => {
      school.machine(anyOf(school, seed)).freeze();
      await school.pass(PAUSE_MS);
      school.machine(anyOf(school, seed)).thaw();
    },
  },
  {
    name: '30 % loss, sent again as by TCP',
    mayBeDown: nobody,
    during: school => weather(school, { sentAgainAfterMs: RESENT_MS }),
  },
  { name: '30 % loss, each breaks its stream', mayBeDown: nobody, during: school => weather(school, {}) },
  { name: 'wall clocks jump by up to 1 h', mayBeDown: nobody, during: (school, seed) => jumps(school, seed) },
  {
    name: 'one cannot send to another',
    mayBeDown: nobody,
    during: (school, seed) => {
      const from = anyOf(school, seed);
      return cut(school, [{ from, to: anyOf(school, seed + 1) }]);
    },
  },
  {
    name: 'two halves and a bridge',
    mayBeDown: nobody,
    during: async school => {
      const [, ...others] = school.names;
      const heal = school.cutOff(others.slice(0, 4), others.slice(4));
      await school.pass(TROUBLE_MS);
      heal();
    },
  },
];

export async function inTrouble({ during, mayBeDown }: Trouble, seed: number): Promise<Judged> {
  const school = await quiet(seed);
  const watch = new Watch(school, mayBeDown(school, seed));
  await during(school, seed);
  await school.pass(QUIET_MS);
  return watch.end();
}

async function quiet(seed: number): Promise<School> {
  const school = await School.born({ seed, nodes: NODES });
  await school.pass(QUIET_MS);
  return school;
}

function anyOf(school: School, seed: number): string {
  return school.names[seed % NODES]!;
}

async function cut(school: School, ways: Parameters<School['cluster']['network']['cut']>[0]): Promise<void> {
  const heal = school.cluster.network.cut(ways);
  await school.pass(TROUBLE_MS);
  heal();
}

async function weather(school: School, lost: Pick<Weather, 'sentAgainAfterMs'>): Promise<void> {
  const ways = school.names.flatMap(from => school.others(from).map(to => ({ from, to })));
  const clear = school.cluster.network.weather({ ways, loss: LOSS, duplicate: 0, jitterMs: 0, ...lost });
  await school.pass(TROUBLE_MS);
  clear();
}

async function jumps(school: School, seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  for (let ms = 0; ms < TROUBLE_MS; ms += JUMPS_EVERY_MS) {
    school.machine(random.pick(school.names)).clock.wallOffMs = (random.fraction() - 0.5) * 2 * JUMP_MS;
    await school.pass(JUMPS_EVERY_MS);
  }
}
