/** The way to one node for what is handed off to it: its pauses end when that node is known to be back. */
import { expect, it } from 'vitest';
import { nodeName } from '../../src/base/ids.ts';
import type { Peers } from '../../src/ports/peers.ts';
import { ReplicaFailed } from '../../src/ports/replica.ts';
import { Courtesy } from '../../src/repair/courtesy.ts';
import { Lane } from '../../src/repair/lane.ts';
import { Counters } from '../../src/system/counters.ts';
import { settled } from '../support/settled.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** As in core/overload/moments. */
const [PERIOD_MS, SETTLING_MS, QUIET_MS] = [930, 700, 730];

function freeLane(clock: VirtualClock): { readonly lane: Lane; readonly courtesy: Courtesy } {
  const courtesy = new Courtesy(clock);
  const peers = { reachable: () => true } as unknown as Peers;
  const lane = new Lane({ target: nodeName('n2'), peers, courtesy, clock, metrics: new Counters() });
  return { lane, courtesy };
}

/** After a first batch that failed: it rests for 100 ms. */
async function restingLane(clock: VirtualClock): Promise<Lane> {
  const fails = () => Promise.reject(new ReplicaFailed('not sent', 'it is down'));
  const down = { reachable: () => true, replica: () => ({ handOff: fails }) };
  const courtesy = new Courtesy(clock);
  const peers = down as unknown as Peers;
  const lane = new Lane({ target: nodeName('n2'), peers, courtesy, clock, metrics: new Counters() });
  await expect(lane.send([])).rejects.toThrow('it is down');
  return lane;
}

/** Shows a moment more with every look from when `creeps` is set, as clocks of processes do. */
class CreepingClock extends VirtualClock {
  static readonly STEP_MS = 1 / 1024;
  creeps = false;
  readonly #aheadMs: number;
  #looks = 0;

  /** @param aheadMs from then on */
  constructor(aheadMs: number) {
    super();
    this.#aheadMs = aheadMs;
  }

  override now(): number {
    if (!this.creeps) return super.now();
    this.#looks += 1;
    return super.now() + this.#aheadMs + this.#looks * CreepingClock.STEP_MS;
  }
}

it('who waits for its turn after a failure goes on at once when the node is back', async () => {
  const clock = new VirtualClock();
  const lane = await restingLane(clock);
  let isReady = false;
  void lane.ready().then(() => {
    isReady = true;
  });
  await settled();
  expect(isReady).toBe(false);
  lane.wake();
  await settled();
  expect(isReady).toBe(true);
  expect(clock.pending).toBe(0);
});

it.each([0, 1, 2, 3, 4])(
  'a pause that is over %i looks at the clock from now ends all the same',
  async looks => {
    const clock = new CreepingClock(100 - looks * CreepingClock.STEP_MS);
    const lane = await restingLane(clock);
    clock.creeps = true;
    await clock.done(lane.ready());
  },
);

it('while clients are served a quiet moment lets nothing begin, and otherwise it is a moment like any other', async () => {
  const clock = new VirtualClock();
  clock.wallSetByMs = QUIET_MS - (clock.wall() % PERIOD_MS);
  const { lane, courtesy } = freeLane(clock);
  await lane.ready();
  expect(clock.pending).toBe(0);
  courtesy.asked();
  let isReady = false;
  void lane.ready().then(() => {
    isReady = true;
  });
  await clock.pass(PERIOD_MS - QUIET_MS - 1);
  expect(isReady).toBe(false);
  await clock.pass(1);
  expect(isReady).toBe(true);
});

/**
 * So many requests of so long, the first of which begins that far into the period; it is the next one's begin
 * then.
 */
async function serve(
  { clock, courtesy }: { readonly clock: VirtualClock; readonly courtesy: Courtesy },
  { at, ms, count = 100 }: { readonly at: number; readonly ms: number; readonly count?: number },
): Promise<void> {
  for (let i = 0; i < count; i++) {
    clock.wallSetByMs += at + ms - (clock.wall() % PERIOD_MS);
    courtesy.served(ms);
    await clock.pass(PERIOD_MS - ((at + ms) % PERIOD_MS));
  }
}

/** How long it waits after a batch of 4 ms: 60 at a share of 1/16, 100 at less. */
async function pauseOf({
  clock,
  lane,
}: {
  readonly clock: VirtualClock;
  readonly lane: Lane;
}): Promise<number> {
  clock.wallSetByMs -= clock.wall() % PERIOD_MS;
  await lane.turn(() => clock.pass(4));
  const began = clock.now();
  await clock.done(lane.ready());
  return clock.now() - began;
}

it.each([
  ['in a quiet moment', QUIET_MS, 60],
  ['beside work', 0, 100],
  ['while what was begun ends', SETTLING_MS, 60],
])('requests that begin %s are judged as such', async (_, at, pauseMs) => {
  const clock = new VirtualClock();
  const parts = { clock, ...freeLane(clock) };
  await serve(parts, { at: QUIET_MS, ms: 5 });
  await serve(parts, { at, ms: 300 });
  expect(await pauseOf(parts)).toBe(pauseMs);
});

it('what clients feel of a batch that reaches into a quiet moment is not what they are used to', async () => {
  const clock = new VirtualClock();
  const parts = { clock, ...freeLane(clock) };
  await serve(parts, { at: QUIET_MS, ms: 5 });
  await parts.lane.turn(() => serve(parts, { at: QUIET_MS, ms: 300, count: 500 }));
  await serve(parts, { at: 0, ms: 300 });
  expect(await pauseOf(parts)).toBe(100);
});
