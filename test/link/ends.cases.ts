/**
 * Streams that end: in good order, by a break at any point, by silence. What becomes of what was under way,
 * and of the link.
 */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect } from 'vitest';
import { type Asked, CLIENTS, echo, MIB, PEERS, patterned, Rig } from './rig.ts';
import type { Case, Subject } from './subject.ts';

/** Moments at which a new stream is opened to a side that takes none, or takes it and cuts it. */
async function attempts(rig: Rig, forMs: number): Promise<readonly number[]> {
  const at: number[] = [];
  for (let ms = 0; ms < forMs; ms += 5) {
    const before = rig.wire.opened;
    rig.ask({ withinMs: 30_000 });
    if (rig.wire.opened > before) at.push(rig.clock.now());
    await rig.clock.pass(5);
  }
  return at.slice(1).map((moment, i) => moment - at[i]!);
}

interface Step {
  readonly kind:
    | 'ask'
    | 'large'
    | 'answer'
    | 'fail'
    | 'give up'
    | 'break'
    | 'pass'
    | 'freeze'
    | 'thaw'
    | 'renew';
  readonly n: number;
}

const STEPS = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom(
      ...(['ask', 'ask', 'ask', 'large', 'answer', 'answer', 'answer', 'fail', 'give up'] as const),
      ...(['break', 'pass', 'pass', 'freeze', 'thaw', 'renew'] as const),
    ),
    n: fc.nat(1000),
  }),
  { minLength: 10, maxLength: 60 },
);

async function take(rig: Rig, { kind, n }: Step, asked: Asked[]): Promise<void> {
  const some = rig.came[n % Math.max(1, rig.came.length)];
  if (kind === 'ask' || kind === 'large') {
    const body = kind === 'ask' ? Buffer.from(`${asked.length}`) : patterned(600_000 + n, n);
    asked.push(rig.ask({ body, withinMs: 20 + n * 3, bulk: n % 4 === 0 }));
  } else if (kind === 'answer') some?.reply(some.body);
  else if (kind === 'fail') some?.fail(some.body);
  else if (kind === 'give up' && asked.length > 0) asked[n % asked.length]!.call.cancelled = true;
  else if (kind === 'break') rig.wire.break();
  else if (kind === 'freeze') rig.wire.freeze();
  else if (kind === 'thaw') rig.wire.thaw();
  else if (kind === 'renew') rig.link.renew();
  else if (kind === 'pass') await rig.clock.pass(n / 5);
  if (n % 3 > 0) await rig.quiet();
}

async function neverTwiceNorNever(subject: Subject, steps: readonly Step[], dialect = PEERS): Promise<void> {
  const rig = new Rig(subject, { dialect });
  const asked: Asked[] = [];
  const answered = new Set<unknown>();
  rig.onAsk = incoming => {
    answered.add(incoming);
  };
  for (const step of steps) await take(rig, step, asked);
  rig.wire.thaw();
  await rig.clock.pass(4000);
  const came = new Set(rig.came.map(({ body }) => Buffer.from(body).toString('latin1')));
  for (const { refused, endings, kind, body } of asked) {
    expect(endings).toHaveLength(refused === undefined ? 1 : 0);
    const text = Buffer.from(body).toString('latin1');
    if (kind === undefined || kind === 'not sent') expect(came.has(text)).toBe(false);
    const [ending] = endings;
    if (ending !== undefined && 'body' in ending) expect(Buffer.compare(ending.body, body)).toBe(0);
  }
  expect(rig.link.underWay).toBe(0);
  expect(rig.links.reduce((sum, { underWay }) => sum + underWay, 0)).toBe(0);
}

export const END_CASES: readonly Case[] = [
  {
    name: 'nothing is written before the other side has said that it is there; if it does not within 500 ms, nothing was sent',
    async run(subject) {
      const rig = new Rig(subject);
      rig.wire.mute = true;
      const asked = [rig.ask(), rig.ask({ withinMs: 100 })];
      await rig.clock.pass(499);
      expect([asked[0]!.kind, asked[1]!.kind, rig.wire.waiting('opener')]).toEqual([
        undefined,
        'not sent',
        0,
      ]);
      await rig.clock.pass(2);
      expect(asked[0]!.kind).toBe('not sent');
      expect(rig.ends).toMatchObject([{ status: 14, opened: false }]);
    },
  },
  {
    name: 'what becomes of a request says whether anybody is there: only a stream that never opened says no',
    async run(subject) {
      const rig = new Rig(subject);
      rig.wire.mute = true;
      const [unheard, givenUp, left] = [rig.ask(), rig.ask({ withinMs: 100 }), new Rig(subject)];
      left.wire.mute = true;
      const old = left.ask();
      left.link.renew();
      await Promise.all([rig.clock.pass(600), left.clock.pass(600)]);
      expect([unheard, givenUp, old].map(({ kind, because }) => [kind, because])).toEqual([
        ['not sent', 'never open'],
        ['not sent', 'given up'],
        ['not sent', 'over'],
      ]);
      const open = await new Rig(subject).ready();
      open.wire.freeze();
      const [written, waiting] = [open.ask({ body: patterned(30 * MIB, 1) }), open.ask()];
      await open.quiet();
      open.wire.break();
      await open.quiet();
      expect([written.because, waiting.because]).toEqual(['over', 'over']);
    },
  },
  {
    name: 'a break: what was written is lost, what waited was not sent, and the next request goes over a new stream',
    async run(subject) {
      const rig = await new Rig(subject).ready();
      rig.wire.freeze();
      const written = [rig.ask(), rig.ask({ body: patterned(30 * MIB, 1) })];
      await rig.quiet();
      const waiting = [rig.ask({ body: patterned(MIB, 2) }), rig.ask()];
      await rig.quiet();
      rig.wire.break();
      rig.wire.thaw();
      await rig.quiet();
      expect(written.map(({ kind }) => kind)).toEqual(['lost', 'lost']);
      expect(waiting.map(({ kind }) => kind)).toEqual(['not sent', 'not sent']);
      expect(rig.ends).toMatchObject([{ status: 14, opened: true }]);
      rig.onAsk = echo;
      await rig.clock.pass(600);
      const next = rig.ask({ body: 'next' });
      await rig.quiet();
      expect([next.answer, rig.wire.opened]).toEqual(['next', 2]);
    },
  },
  {
    name: 'whatever happens, each request is settled once, with its own answer, and what was not sent never arrives',
    async run(subject) {
      const run = (steps: readonly Step[]) => neverTwiceNorNever(subject, steps);
      await fc.assert(fc.asyncProperty(STEPS, run), { seed: 11, numRuns: 60, endOnFailure: true });
    },
  },
  {
    name: 'the same with frames of clients',
    async run(subject) {
      const run = (steps: readonly Step[]) => neverTwiceNorNever(subject, steps, CLIENTS);
      await fc.assert(fc.asyncProperty(STEPS, run), { seed: 12, numRuns: 30, endOnFailure: true });
    },
  },
  {
    name: 'after failures it waits longer each time, up to 500 ms; until then it refuses at once',
    async run(subject) {
      const rig = new Rig(subject, { fraction: 1 });
      rig.wire.refusing = true;
      expect(await attempts(rig, 3000)).toEqual([50, 100, 200, 400, 500, 500, 500, 500]);
      const early = rig.ask();
      expect(early.refused).toBe('not reachable');
    },
  },
  {
    name: 'the wait is drawn from its upper half, and starts anew once it was answered',
    async run(subject) {
      const rig = new Rig(subject);
      rig.wire.refusing = true;
      expect(await attempts(rig, 1000)).toEqual([25, 50, 100, 200, 250, 250]);
      rig.wire.refusing = false;
      await rig.clock.pass(500);
      await rig.ready();
      rig.wire.break();
      rig.wire.refusing = true;
      await rig.quiet();
      expect((await attempts(rig, 400)).slice(0, 2)).toEqual([50, 100]);
    },
  },
  {
    name: 'one that takes streams and cuts them is asked less and less often, too',
    async run(subject) {
      const rig = new Rig(subject, { fraction: 1 });
      rig.onAsk = () => rig.links.at(-1)!.cut({ status: 8, why: 'too many streams' });
      expect((await attempts(rig, 1500)).slice(0, 5)).toEqual([50, 100, 200, 400, 500]);
    },
  },
  {
    name: 'renewed, it need not wait; what is under way ends on the old stream, what comes goes over the new one',
    async run(subject) {
      const rig = await new Rig(subject).ready();
      const old = rig.ask({ body: 'old' });
      await rig.quiet();
      rig.link.renew();
      const next = rig.ask({ body: 'new' });
      await rig.quiet();
      expect(rig.wire.opened).toBe(2);
      expect(rig.links.map(({ underWay }) => underWay)).toEqual([1, 1]);
      for (const incoming of rig.came) incoming.reply(incoming.body);
      await rig.quiet();
      expect([old.answer, next.answer]).toEqual(['old', 'new']);
      expect(rig.ends).toMatchObject([{ status: 0, opened: true }]);
      rig.wire.break();
      await rig.quiet();
      rig.link.renew();
      expect(rig.ask().refused).toBeUndefined();
    },
  },
  {
    name: 'told to end, it lets what is under way come to its end, takes nothing new, and says when it is idle',
    async run(subject) {
      const rig = await new Rig(subject).ready();
      let idle = 0;
      const last = rig.ask({ body: 'last' });
      await rig.quiet();
      rig.link.retire(() => {
        idle += 1;
      });
      expect([typeof rig.ask().refused, idle]).toEqual(['string', 0]);
      rig.came[0]!.reply(Buffer.from('last'));
      await rig.quiet();
      expect([last.answer, idle, rig.ends.map(({ status }) => status)]).toEqual(['last', 1, [0]]);
    },
  },
  {
    name: 'told to end while nobody answers, it is idle all the same: at the hello, at the deadline, or after a goodbye in vain',
    async run(subject) {
      for (const situation of ['no hello', 'no answer', 'no end'] as const) {
        const rig = new Rig(subject);
        rig.wire.mute = situation === 'no hello';
        if (situation !== 'no hello') await rig.ready();
        if (situation !== 'no end') rig.ask({ withinMs: 3000 });
        await rig.quiet();
        let idle = 0;
        rig.wire.freeze();
        rig.link.retire(() => {
          idle += 1;
        });
        await rig.clock.pass(6000);
        expect([situation, idle, rig.link.underWay]).toEqual([situation, 1, 0]);
      }
    },
  },
  {
    name: 'closed, everything under way ends at once',
    async run(subject) {
      const rig = await new Rig(subject).ready();
      const sent = rig.ask();
      await rig.quiet();
      rig.link.renew();
      const waiting = rig.ask();
      rig.link.close();
      expect([sent.kind, waiting.kind, typeof rig.ask().refused]).toEqual(['lost', 'not sent', 'string']);
      await rig.clock.pass(100);
      expect(rig.came.map(({ cancelled }) => cancelled)).toEqual([true]);
    },
  },
  {
    name: 'when its ids have run out it goes on over a new stream, and nothing is lost',
    async run(subject) {
      const rig = new Rig(subject, { dialect: { ...PEERS, idMax: 3 } });
      rig.onAsk = echo;
      const asked = Array.from({ length: 10 }, (_, i) => rig.ask({ body: `${i}` }));
      await rig.clock.pass(100);
      expect(asked.map(({ answer }) => answer)).toEqual(asked.map((_, i) => `${i}`));
      expect(rig.wire.opened).toBe(4);
      expect(Math.max(...rig.came.map(({ id }) => id))).toBe(3);
    },
  },
  {
    name: 'a side that ends answers what is under way first, and what is asked meanwhile is not lost',
    async run(subject) {
      const rig = await new Rig(subject, { latencyMs: 10 }).ready();
      const before = rig.ask({ body: 'before' });
      await rig.clock.pass(15);
      rig.links[0]!.finish();
      const crossing = rig.ask({ body: 'crossing' });
      rig.onAsk = echo;
      await rig.clock.pass(100);
      expect([crossing.answer, before.kind]).toEqual(['crossing', undefined]);
      rig.came[0]!.reply(rig.came[0]!.body);
      await rig.clock.pass(100);
      expect([before.answer, rig.ends.map(({ status }) => status)]).toEqual(['before', [0]]);
    },
  },
  {
    name: 'a side that ends leaves an asker that does not understand, once all is answered',
    async run(subject) {
      const rig = await new Rig(subject, { dialect: undrained }).ready();
      const [slow, large] = [rig.ask({ body: 'slow' }), rig.ask()];
      await rig.quiet();
      rig.links[0]!.finish();
      await rig.clock.pass(1000);
      rig.came[1]!.reply(patterned(3 * MIB, 1));
      rig.came[0]!.reply(Buffer.from('slow'));
      await rig.clock.pass(100);
      expect([slow.answer, large.kind, rig.ends.map(({ status }) => status)]).toEqual(['slow', 'reply', [0]]);
    },
  },
  {
    name: 'a break cancels at the other side what is under way there',
    async run(subject) {
      const rig = await new Rig(subject).ready();
      rig.ask();
      await rig.quiet();
      let told = 0;
      rig.came[0]!.onCancelled(() => {
        told += 1;
      });
      rig.wire.break();
      await rig.quiet();
      expect([told, rig.came[0]!.cancelled, rig.links[0]!.underWay]).toEqual([1, true, 0]);
    },
  },
];

/** As an asker of an earlier version. */
const undrained = {
  ...PEERS,
  decodeResponses: (bytes: Uint8Array) => {
    const frame = PEERS.decodeResponses(bytes);
    return frame && { sentAt: frame.sentAt, answers: frame.answers };
  },
};
