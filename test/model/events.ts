/**
 * What can happen to one key on three primaries (n0 n1 n2) and two fallbacks (n3 n4), drawn from one seed. An
 * event names the earlier events it is about by their numbers. One whose earlier event is missing or did not
 * come that far does nothing: so any event can be dropped from a history, and what is left is a history again
 * (see shrink.ts).
 */
import type { SeededRandom } from '../../src/base/random.ts';
import { NODES, PRIMARIES } from './rules.ts';
import { drawTangle } from './tangles.ts';

export type Happening =
  // clients
  | { kind: 'read'; from: readonly number[]; strict: boolean }
  | { kind: 'put'; at: number; how: 'blind' | 'overwrite' }
  | { kind: 'put'; at: number; how: 'after'; of: number }
  | { kind: 'retry'; at: number; of: number }
  | { kind: 'delete'; at: number; how: 'overwrite' }
  | { kind: 'delete'; at: number; how: 'after'; of: number }
  | { kind: 'fetch unseen'; of: number }
  | { kind: 'overwrite unseen'; of: number }
  // network and disks, at their own pace
  | { kind: 'deliver'; of: number; to: number; round: 'first' | 'last' }
  | { kind: 'commit'; at: number; acks: 'arrive' | 'are lost' }
  | { kind: 'merge'; from: number; to: number }
  | { kind: 'hand off'; from: number; to: number }
  | { kind: 'recover'; at: number; from: number }
  // faults
  | { kind: 'crash'; at: number; kept: number }
  | { kind: Exclude<Fault, 'crash'>; at: number };

export type Fault =
  | 'crash'
  | 'clean restart'
  | 'lose row'
  | 'damage row'
  | 'lose disk'
  | 'back up disk'
  | 'restore disk';

export type Event = Happening & { readonly id: number };
export type History = readonly Event[];

/**
 * How often what happens: drawn anew for each history (TigerBeetle's swarm), so that some are all retries and
 * some all faults.
 */
interface Weather {
  readonly length: number;
  readonly retries: number;
  readonly faults: number;
  readonly blind: number;
  readonly overwrites: number;
  /** See tangles.ts. */
  readonly tangles: number;
  /** Where things happen: few nodes meet often. */
  readonly nodes: readonly number[];
}

export function drawHistory(random: SeededRandom): History {
  const weather: Weather = {
    length: 6 + random.below(random.chance(0.1) ? 200 : 50),
    retries: random.pick([0.05, 0.2, 0.5]),
    faults: random.pick([0, 0.05, 0.1, 0.2]),
    blind: random.pick([0.1, 0.3, 0.6]),
    overwrites: random.pick([0, 0.2, 0.5]),
    tangles: random.pick([0, 0, 0.05, 0.5]),
    nodes: random.pick([[0, 1], [0, 1, 2], [0, 1, 2], [0, 1, 3], [0, 1, 2, 3], NODES]),
  };
  const events: Event[] = [];
  while (events.length < weather.length) {
    for (const happening of drawSome(random, weather, events))
      events.push({ ...happening, id: events.length + 1 });
  }
  return events;
}

/** Two overwrites at once, each finding the other unseen. */
function drawDuel(random: SeededRandom, weather: Weather, past: History): readonly Happening[] {
  const [a, b] = [node(random, weather), node(random, weather)];
  const [first, second] = [past.length + 1, past.length + 2];
  return [
    { kind: 'put', at: a, how: 'overwrite' },
    { kind: 'put', at: b, how: 'overwrite' },
    { kind: 'deliver', of: first, to: b, round: 'last' },
    { kind: 'deliver', of: second, to: a, round: 'last' },
    { kind: 'commit', at: a, acks: 'arrive' },
    { kind: 'commit', at: b, acks: 'arrive' },
    { kind: 'fetch unseen', of: first },
    { kind: 'fetch unseen', of: second },
    { kind: 'overwrite unseen', of: first },
    { kind: 'overwrite unseen', of: second },
  ];
}

/** An overwrite that finds something unseen, and is itself replaced before it takes that out. */
function drawOvertaken(random: SeededRandom, past: History): readonly Happening[] {
  const [a, b, c] = random.pick([
    [0, 1, 2],
    [1, 2, 0],
    [2, 0, 1],
  ] as const);
  const [unseen, of] = [past.length + 1, past.length + 5];
  const replaced: readonly Happening[] = [
    random.pick([
      { kind: 'delete', at: a, how: 'overwrite' },
      { kind: 'put', at: a, how: 'overwrite' },
    ] as const),
    { kind: 'deliver', of: past.length + 9, to: c, round: 'last' },
  ];
  const replacedAt = random.below(3);
  return [
    { kind: 'put', at: b, how: 'blind' },
    { kind: 'deliver', of: unseen, to: c, round: 'last' },
    { kind: 'commit', at: b, acks: 'arrive' },
    { kind: 'commit', at: c, acks: 'arrive' },
    { kind: 'put', at: a, how: 'overwrite' },
    { kind: 'deliver', of, to: c, round: 'last' },
    { kind: 'commit', at: a, acks: 'arrive' },
    { kind: 'commit', at: c, acks: 'arrive' },
    ...replaced.slice(0, replacedAt),
    { kind: 'commit', at: c, acks: 'arrive' },
    { kind: 'fetch unseen', of },
    { kind: 'overwrite unseen', of },
    { kind: 'deliver', of, to: c, round: 'last' },
    { kind: 'commit', at: a, acks: 'arrive' },
    { kind: 'commit', at: c, acks: 'arrive' },
  ];
}

/** One thing; if it is a write, sometimes with what usually follows one, or else few would ever be acked. */
function drawSome(random: SeededRandom, weather: Weather, past: History): readonly Happening[] {
  if (random.chance(weather.tangles)) {
    const elsewhere = () => draw(random, weather, past);
    return drawTangle(random, { nodes: weather.nodes, past, elsewhere });
  }
  if (random.chance(weather.overwrites / 40)) return drawDuel(random, weather, past);
  if (random.chance(weather.overwrites / 40)) return drawOvertaken(random, past);
  const first = draw(random, weather, past);
  if (first.kind !== 'put' && first.kind !== 'delete' && first.kind !== 'retry') return [first];
  const of = past.length + 1;
  const to = node(random, weather);
  const usual: readonly Happening[] = [
    { kind: 'deliver', of, to, round: 'last' },
    { kind: 'commit', at: to, acks: 'arrive' },
    { kind: 'commit', at: first.at, acks: 'arrive' },
    { kind: 'fetch unseen', of },
    { kind: 'overwrite unseen', of },
    { kind: 'deliver', of, to, round: 'last' },
    { kind: 'commit', at: to, acks: 'arrive' },
    { kind: 'commit', at: first.at, acks: 'arrive' },
  ];
  const length =
    first.kind !== 'retry' && first.how === 'overwrite' ? random.pick([0, 3, 4, 8]) : random.pick([0, 3]);
  return [first, ...usual.slice(0, length).filter(() => !random.chance(0.1))];
}

function draw(random: SeededRandom, weather: Weather, past: History): Happening {
  if (random.chance(weather.faults)) return drawFault(random, weather);
  const dice = random.fraction();
  if (dice < 0.3) return drawClient(random, weather, past);
  if (dice < 0.6) return drawDelivery(random, weather, past);
  if (dice < 0.8)
    return { kind: 'commit', at: node(random, weather), acks: random.chance(0.8) ? 'arrive' : 'are lost' };
  return drawUpkeep(random, weather, past);
}

function drawClient(random: SeededRandom, weather: Weather, past: History): Happening {
  const at = node(random, weather);
  const put = recent(random, past, ['put']);
  if (put && random.chance(weather.retries)) return { kind: 'retry', at, of: put.id };
  if (random.chance(0.35)) return drawRead(random, weather);
  const shown = recent(random, past, ['read', 'read', 'put', 'delete', 'retry']);
  const kind = random.chance(0.25) ? 'delete' : 'put';
  if (random.chance(weather.overwrites)) return { kind, at, how: 'overwrite' };
  if (shown && !random.chance(weather.blind)) return { kind, at, how: 'after', of: shown.id };
  return kind === 'put' ? { kind, at, how: 'blind' } : { kind, at, how: 'overwrite' };
}

function drawRead(random: SeededRandom, weather: Weather): Happening {
  const from = new Set([
    node(random, weather),
    node(random, weather),
    ...(random.chance(0.3) ? [random.pick(PRIMARIES)] : []),
  ]);
  return { kind: 'read', from: [...from], strict: random.chance(0.5) };
}

function drawDelivery(random: SeededRandom, weather: Weather, past: History): Happening {
  const write = recent(random, past, ['put', 'delete', 'retry']);
  if (!write) return drawRead(random, weather);
  return {
    kind: 'deliver',
    of: write.id,
    to: node(random, weather),
    round: random.chance(0.8) ? 'last' : 'first',
  };
}

function drawUpkeep(random: SeededRandom, weather: Weather, past: History): Happening {
  const [from, to] = [node(random, weather), random.pick(PRIMARIES)];
  const overwrite = recent(random, past, ['put', 'delete', 'retry']);
  const dice = random.fraction();
  if (overwrite && dice < 0.15) return { kind: 'fetch unseen', of: overwrite.id };
  if (overwrite && dice < 0.3) return { kind: 'overwrite unseen', of: overwrite.id };
  if (dice < 0.4) return { kind: 'back up disk', at: from };
  if (dice < 0.5) return { kind: 'merge', from, to };
  if (dice < 0.7) return { kind: 'recover', at: to, from: random.pick(PRIMARIES) };
  const fallbacks = weather.nodes.filter(index => index >= PRIMARIES.length);
  return fallbacks.length > 0
    ? { kind: 'hand off', from: random.pick(fallbacks), to }
    : { kind: 'merge', from, to };
}

function drawFault(random: SeededRandom, weather: Weather): Happening {
  const at = node(random, weather);
  const dice = random.fraction();
  if (dice < 0.35) return { kind: 'crash', at, kept: random.below(3) };
  const rest = ['clean restart', 'lose row', 'damage row', 'lose disk', 'restore disk'] as const;
  return { kind: random.pick(rest), at };
}

function node(random: SeededRandom, weather: Weather): number {
  return random.pick(weather.nodes);
}

/** One of the last events of these kinds, rather a late one. */
function recent(random: SeededRandom, past: History, kinds: readonly Happening['kind'][]): Event | undefined {
  const candidates = past.filter(event => kinds.includes(event.kind));
  const back = Math.floor(random.fraction() ** 2 * Math.min(8, candidates.length));
  return candidates[candidates.length - 1 - back];
}

/** The event as a line of a story. */
export function tell(event: Event): string {
  const { id, kind, ...facts } = event;
  const told = Object.entries(facts).map(([name, value]) => `${name} ${tellFact(name, value)}`);
  return `#${id} ${kind}: ${told.join(', ')}`;
}

function tellFact(name: string, value: unknown): string {
  if (name === 'of') return `#${value}`;
  if (name === 'at' || name === 'to') return `n${value}`;
  if (name === 'from')
    return [value]
      .flat()
      .map(index => `n${index}`)
      .join('+');
  return String(value);
}
