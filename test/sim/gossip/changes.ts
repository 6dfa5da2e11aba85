/**
 * Brings about one change after the other in a cluster, and measures how long it takes until all know, and
 * what is said meanwhile. Every change begins when all is quiet.
 *
 *   killed         until all others hold it for down
 *   back           until all others see that process alive; it greets them all itself
 *   moved          the same, at a new address
 *   heard by one   the same, cut off from all others but one: what they know they know by gossip alone
 */
import type { SeenMember } from '../../../src/ports/overview.ts';
import type { Rates } from './meter.ts';
import type { School, Spread } from './school.ts';

export const CHANGES = ['killed', 'back', 'moved', 'heard by one'] as const;
export type Change = (typeof CHANGES)[number];

export interface Measured extends Spread {
  readonly rates: Rates;
}

/** What a cluster does for one change after the other, of members that no trial before had. */
export interface Trial {
  readonly changes: Readonly<Record<Change, Measured>>;
  /** How often anybody was taken for suspect by anybody. */
  readonly suspected: number;
  /** How often anybody was held for down that had neither been killed nor said itself that it ends. */
  readonly falselyDown: number;
}

/** What is said from the change on. */
const AFTERMATH_MS = 5_000;
/** After that: what is believed at last is believed by all. */
const QUIET_MS = 5_000;
/** How many members of one trial go. */
const LEAVING = 3;

/** @param number 0, 1, 2 … */
export async function measureChanges(school: School, number: number): Promise<Trial> {
  const before = { downs: school.counted('member.down'), suspected: school.counted('member.suspected') };
  const others = school.names.slice(1);
  const [first, second, third] = [0, 1, 2].map(i => others[(LEAVING * number + i) % others.length]!);
  const changes = {
    killed: await during(school, () => killed(school, first!)),
    back: await during(school, () => started(school, first!)),
    moved: await during(school, () => moved(school, second!)),
    'heard by one': await during(school, () => heardByOne(school, third!)),
  };
  const rightly = LEAVING * (school.names.length - 1);
  return {
    changes,
    suspected: school.counted('member.suspected') - before.suspected,
    falselyDown: Math.max(0, school.counted('member.down') - before.downs - rightly),
  };
}

/** @param change resolves when all know */
async function during(school: School, change: () => Promise<Spread>): Promise<Measured> {
  school.meter.reset();
  const begun = school.now;
  const spread = await change();
  await school.pass(Math.max(0, AFTERMATH_MS - (school.now - begun)));
  const rates = school.meter.rates(school.names, school.now - begun);
  await school.pass(QUIET_MS);
  return { ...spread, rates };
}

export function killed(school: School, name: string): Promise<Spread> {
  school.machine(name).end('kill');
  return school.spread(school.others(name), { of: name, sees: ({ state }) => state === 'down' });
}

async function started(school: School, name: string): Promise<Spread> {
  const before = school.sight(school.names[0]!, name)?.bootId;
  school.machine(name).start();
  return await school.spread(school.others(name), { of: name, sees: isNew(before) });
}

async function moved(school: School, name: string): Promise<Spread> {
  await stopped(school, name);
  return await startedElsewhere(school, name);
}

function startedElsewhere(school: School, name: string): Promise<Spread> {
  school.machine(name).peerPort += '+';
  return started(school, name);
}

export async function heardByOne(school: School, name: string): Promise<Spread> {
  await stopped(school, name);
  const [, ...deaf] = school.others(name);
  const heal = school.cutOff([name], deaf);
  const spread = await startedElsewhere(school, name);
  heal();
  return { firstMs: 0, allMs: spread.allMs - spread.firstMs };
}

async function stopped(school: School, name: string): Promise<void> {
  let gone = false;
  void school
    .machine(name)
    .stop()
    .then(() => {
      gone = true;
    });
  await school.until(`${name} ends`, () => gone);
  await school.spread(school.others(name), { of: name, sees: ({ state }) => state === 'down' });
}

function isNew(before: string | undefined): (member: SeenMember) => boolean {
  return ({ state, bootId }) => state !== 'down' && bootId !== before;
}
