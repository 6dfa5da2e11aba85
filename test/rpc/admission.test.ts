/** What a door begins, when, and what it never begins (I10; TRAPS O1, O3, O4). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KINDS } from '../../src/core/overload/kinds.ts';
import { INTERVAL_MS, PATIENCE_MS, TARGET_MS } from '../../src/core/overload/standing-queue.ts';
import { type FakeWork, fates, GateScene } from './admission-support.ts';

const only = (count: number) => ({ begun: { first: count, min: count, max: count } });

test('while there is room, work is begun in the tick in which it comes', () => {
  const scene = new GateScene(only(100));
  expect(fates(scene.enterMany(100))).toEqual({ begun: 100 });
  expect(scene.clock.pending).toBe(0);
});

test('what comes beyond waits, and is begun when something ends, first come first', () => {
  const scene = new GateScene(only(2));
  const [first, second, third, fourth] = scene.enterMany(4);
  expect([third!.became, fourth!.became]).toEqual(['waits', 'waits']);
  second!.leave();
  expect([third!.became, fourth!.became]).toEqual(['begun', 'waits']);
  first!.leave();
  expect(fourth!.became).toBe('begun');
});

test('whoever comes does not overtake those who wait', () => {
  const scene = new GateScene(only(1));
  const [first, second] = scene.enterMany(2);
  first!.leave();
  const third = scene.enter();
  expect([second!.became, third.became]).toEqual(['begun', 'waits']);
});

test('work whose deadline passes while it waits is refused and never begun', async () => {
  const scene = new GateScene(only(1));
  const first = scene.enter();
  const waiting = scene.enterMany(5, { budgetMs: 20 });
  await scene.clock.pass(19);
  first.leave();
  expect(fates(waiting)).toEqual({ begun: 1, waits: 4 });
  await scene.clock.pass(INTERVAL_MS);
  expect(fates(waiting)).toEqual({ begun: 1, EXPIRED: 4 });
});

test('work whose client goes while it waits is never begun', () => {
  const scene = new GateScene(only(1));
  const [first, second, third] = scene.enterMany(3);
  second!.cancelled = true;
  first!.leave();
  expect([second!.became, third!.became]).toEqual(['CANCELLED', 'begun']);
});

test('work that is given up while it waits leaves its room at once, for others', () => {
  const scene = new GateScene({ calls: 3, bytes: 100, ...only(1) });
  scene.enter();
  for (let i = 0; i < 50; i++) {
    const work = scene.enter({ bytes: 100 });
    work.giveUp();
    expect(work.became).toBe('CANCELLED');
  }
  const [second, third] = scene.enterMany(2);
  second!.giveUp();
  scene.begun[0]!.leave();
  expect(third!.became).toBe('begun');
  third!.giveUp();
  third!.leave();
  expect(scene.gate.load).toEqual({ begun: 0, waiting: 0, bytes: 0 });
});

test('five scans hang; a read is begun in its tick', () => {
  const scene = new GateScene(only(100));
  const scans = scene.enterMany(5, { kind: 'background' });
  expect(fates(scans)).toEqual({ begun: 4, waits: 1 });
  expect(scene.enter({ kind: 'peer' }).became).toBe('begun');
  expect(scene.enter({ kind: 'background' }).became).toBe('waits');
  scans[0]!.leave();
  expect(fates(scans)).toEqual({ left: 1, begun: 4 });
});

test('whoever comes does not overtake those of another kind who could be begun as well', () => {
  const scene = new GateScene(only(1));
  const first = scene.enter({ kind: 'peer' });
  const scan = scene.enter({ kind: 'background' });
  const read = scene.enter({ kind: 'read' });
  first.leave();
  expect([scan.became, read.became]).toContain('begun');
  expect(fates([scan, read])).toEqual({ begun: 1, waits: 1 });
});

test.each([
  ['read', { OVERLOADED: 20 }],
  ['write', { OVERLOADED: 20 }],
  ['peer', { waits: 20 }],
  ['background', { waits: 20 }],
] as const)('%s: what has waited too long in a burst, though nothing ends: %o', async (kind, became) => {
  const scene = new GateScene(only(1));
  scene.enter();
  const waiting = scene.enterMany(20, { kind });
  await scene.clock.pass(PATIENCE_MS.burst);
  expect(fates(waiting)).toEqual({ waits: 20 });
  await scene.clock.pass(20);
  expect(fates(waiting)).toEqual(became);
  expect(scene.begun).toHaveLength(1);
});

/** So much comes and so much is done each millisecond. */
async function flooded(scene: GateScene, { comes, done, ms }: { comes: number; done: number; ms: number }) {
  const works: FakeWork[] = [];
  for (let now = 0; now < ms; now++) {
    works.push(...scene.enterMany(comes));
    for (const work of scene.begun.slice(0, done)) work.leave();
    scene.turns.end();
    await scene.clock.pass(1);
  }
  return works;
}

test('in a flood what is done is as much as ever, what is begun has hardly waited, and the queue stays short', async () => {
  const scene = new GateScene(only(8));
  await flooded(scene, { comes: 20, done: 2, ms: 3 * INTERVAL_MS });
  const works = await flooded(scene, { comes: 20, done: 2, ms: 500 });
  const begun = works.filter(({ begunAt }) => begunAt !== undefined);
  expect(begun.length).toBeGreaterThanOrEqual(990);
  expect(Math.max(...begun.map(work => work.begunAt! - work.arrivedAt))).toBeLessThanOrEqual(
    PATIENCE_MS.standing,
  );
  // Looked through every 10 ms.
  expect(scene.gate.load.waiting).toBeLessThanOrEqual(20 * (PATIENCE_MS.standing + 11));
});

test('after a flood, work that comes is begun at once, in its order', async () => {
  const scene = new GateScene(only(8));
  await flooded(scene, { comes: 20, done: 2, ms: 5 * INTERVAL_MS });
  const after = await flooded(scene, { comes: 1, done: 2, ms: 3 * INTERVAL_MS });
  const later = after.slice(INTERVAL_MS);
  expect(later.every(({ begunAt, arrivedAt }) => begunAt! - arrivedAt <= TARGET_MS)).toBe(true);
  expect(later.map(({ begunAt }) => begunAt)).toEqual(
    later.map(({ begunAt }) => begunAt).toSorted((a, b) => a! - b!),
  );
});

test('in a queue that stands the newest is begun first', async () => {
  const scene = new GateScene(only(1));
  await flooded(scene, { comes: 5, done: 1, ms: 3 * INTERVAL_MS });
  const [older, newer] = scene.enterMany(2);
  scene.begun[0]!.leave();
  expect([older!.became, newer!.became]).toEqual(['waits', 'begun']);
});

test('a few writes among a flood of reads get all they ask for, up to their half', () => {
  const scene = new GateScene(only(10));
  scene.enterMany(10);
  const reads = scene.enterMany(100);
  const writes = scene.enterMany(8, { kind: 'write' });
  for (let i = 0; i < 20; i++) scene.begun[0]!.leave();
  expect(writes.filter(({ became }) => became !== 'waits')).toHaveLength(8);
  expect(reads.filter(({ became }) => became !== 'waits')).toHaveLength(12);
});

test('background work goes on beside a flood of peers, a little, and never more than four at once', () => {
  const scene = new GateScene(only(34));
  scene.enterMany(34, { kind: 'peer' });
  const background = scene.enterMany(10, { kind: 'background' });
  scene.enterMany(1000, { kind: 'peer' });
  for (let i = 0; i < 17; i++) scene.begun[0]!.leave();
  expect(fates(background)).toEqual({ begun: 1, waits: 9 });
  for (let i = 0; i < 500; i++) scene.begun.find(({ kind }) => kind === 'peer')!.leave();
  expect(fates(background)).toEqual({ begun: 4, waits: 6 });
});

test('what fits in exactly enters, one byte or call more does not, and refused work leaves its room', () => {
  const scene = new GateScene({ calls: 2, bytes: 10 });
  expect(scene.enter({ bytes: 11 }).became).toBe('OVERLOADED');
  const first = scene.enter({ bytes: 10 });
  expect(first.became).toBe('begun');
  expect(scene.enter({ bytes: 1 }).became).toBe('OVERLOADED');
  expect(scene.enter().became).toBe('begun');
  expect(scene.enter().became).toBe('OVERLOADED');
  first.leave();
  expect(scene.enter({ bytes: 10 }).became).toBe('begun');
});

test('a closed gate lets nobody in, and begins those who wait', () => {
  const scene = new GateScene(only(1));
  const [first, second] = scene.enterMany(2);
  scene.gate.close();
  expect(scene.enter().became).toBe('DRAINING');
  first!.leave();
  expect(second!.became).toBe('begun');
});

test('when a turn has begun enough, sockets are read before the rest', async () => {
  const scene = new GateScene();
  expect(fates(scene.enterMany(17))).toEqual({ begun: 17 });
  await scene.clock.pass(8);
  const next = scene.enterMany(3);
  expect(fates(next)).toEqual({ waits: 3 });
  scene.turns.end();
  expect(fates(next)).toEqual({ begun: 3 });
});

test('a late loop lets less be begun, one in time more', async () => {
  const begunAt = async (lateMs: number) => {
    const scene = new GateScene();
    scene.lateMs = lateMs;
    await flooded(scene, { comes: 40, done: 10, ms: 1_200 });
    return scene.gate.load.begun;
  };
  expect(await begunAt(50)).toBe(64);
  expect(await begunAt(5)).toBe(128);
  expect(await begunAt(0)).toBeGreaterThan(128);
});

test('work that ends at once does not begin the next within itself, however much there is', () => {
  const scene = new GateScene(only(1));
  const first = scene.enter({ kind: 'peer' });
  const waiting = scene.enterMany(9_000, { kind: 'peer' });
  scene.endsAtOnce = true;
  first.leave();
  expect(fates(waiting)).toEqual({ left: 9_000 });
});

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(...KINDS),
      bytes: fc.nat(40),
      budgetMs: fc.integer({ min: 1, max: 300 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ leaves: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ passMs: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ cancels: fc.nat(20), says: fc.boolean() }) },
);

test('whatever comes and goes: each is begun or refused once, none late or given up, and nothing is left behind', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 200 }), async steps => {
      const scene = new GateScene({ calls: 30, bytes: 300, begun: { first: 5, min: 3, max: 8 } });
      const works: FakeWork[] = [];
      for (const each of steps) {
        if ('kind' in each) works.push(scene.enter(each));
        else if ('leaves' in each) scene.begun[each.leaves % Math.max(1, scene.begun.length)]?.leave();
        else if ('cancels' in each) giveUp(works, each);
        else await scene.clock.pass(each.passMs);
        scene.turns.end();
        const { begun, waiting, bytes } = scene.gate.load;
        expect(begun).toBe(scene.begun.length);
        expect(begun).toBeLessThanOrEqual(8);
        expect(begun + waiting).toBeLessThanOrEqual(30);
        expect(bytes).toBeLessThanOrEqual(300);
      }
      while (scene.begun.length > 0) scene.begun[0]!.leave();
      expect(scene.gate.load).toEqual({ begun: 0, waiting: 0, bytes: 0 });
      for (const { begunAt, deadline, became } of works) {
        expect(became).not.toBe('waits');
        if (begunAt !== undefined) expect(begunAt).toBeLessThan(deadline);
      }
    }),
    { numRuns: 200 },
  );
});

function giveUp(works: readonly FakeWork[], { cancels, says }: { cancels: number; says: boolean }): void {
  const waiting = works.filter(({ became }) => became === 'waits');
  const work = waiting[cancels % Math.max(1, waiting.length)];
  if (work === undefined) return;
  if (says) work.giveUp();
  else work.cancelled = true;
}
