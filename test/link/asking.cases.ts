/** Asking and answering over a sound stream: whose answer is whose, deadlines, budgets, cancelling. */
import { Buffer } from 'node:buffer';
import { expect } from 'vitest';
import type { Incoming } from '../../src/link/incoming.ts';
import { RawAsker } from './raw.ts';
import { CLIENTS, Delete, echo, Get, KIB, MIB, PEERS, Put, patterned, Rig } from './rig.ts';
import type { Case, Subject } from './subject.ts';

const DIALECTS = [
  ['between nodes', PEERS],
  ['of clients', CLIENTS],
] as const;
const ROOMY = { prompt: { calls: 10_000, bytes: 512 * MIB }, bulk: { calls: 10_000, bytes: 512 * MIB } };

const IN_BOTH_DIALECTS: readonly Case[] = DIALECTS.flatMap(([name, dialect]) => [
  {
    name: `frames ${name}: of 3000 requests, answered in another order, each gets its own answer, once`,
    async run(subject: Subject) {
      const rig = await new Rig(subject, { dialect, bounds: ROOMY }).ready();
      const asked = Array.from({ length: 3000 }, (_, i) => rig.ask({ body: `${i}`, method: 3 + (i % 3) }));
      await rig.quiet();
      const shuffled = [...rig.came].sort((a, b) => ((a.id * 7919) % 3001) - ((b.id * 7919) % 3001));
      for (const incoming of shuffled) {
        if (incoming.id % 5 === 0) incoming.fail(incoming.body);
        else incoming.reply(incoming.body);
        incoming.reply(Buffer.from('a second answer'));
      }
      await rig.quiet();
      for (const [i, { endings, answer, kind }] of asked.entries())
        expect([endings.length, answer, kind]).toEqual([1, `${i}`, (i + 2) % 5 === 0 ? 'failure' : 'reply']);
      expect(rig.link.underWay).toBe(0);
    },
  },
  {
    name: `frames ${name}: what is asked and what is answered in one turn goes in one frame each`,
    async run(subject: Subject) {
      const rig = await new Rig(subject, { dialect }).ready();
      const frames = { opener: 0, accepter: 0 };
      rig.wire.tamper = (frame, by) => {
        frames[by] += 1;
        return [frame];
      };
      const asked = Array.from({ length: 100 }, () => rig.ask());
      await rig.quiet();
      for (const incoming of rig.came) incoming.reply(Buffer.from('x'));
      await rig.quiet();
      expect(asked.every(({ answer }) => answer === 'x')).toBe(true);
      expect(frames).toEqual({ opener: 1, accepter: 1 });
    },
  },
  {
    name: `frames ${name}: method, budget and body arrive, also an empty body`,
    async run(subject: Subject) {
      const rig = await new Rig(subject, { dialect }).ready();
      rig.ask({ method: Put, body: '', withinMs: 1234 });
      rig.ask({ method: Delete, body: 'bulk', bulk: true, withinMs: 50 });
      await rig.quiet();
      const seen = rig.came.map(({ method, budgetMs, body }) => [method, budgetMs, String(body)]);
      expect(seen).toEqual([
        [Put, 1234, ''],
        [Delete, 50, 'bulk'],
      ]);
    },
  },
  {
    name: `frames ${name}: large bodies go both ways beside small ones, which do not wait for all of them`,
    async run(subject: Subject) {
      const rig = await new Rig(subject, { dialect }).ready();
      const order: number[] = [];
      rig.onAsk = incoming => {
        order.push(incoming.body.byteLength);
        incoming.reply(incoming.body);
      };
      const large = [1, 2, 3].map(seed => rig.ask({ body: patterned(3 * MIB + seed, seed) }));
      const small = Array.from({ length: 20 }, (_, i) => rig.ask({ body: `${i}` }));
      await rig.clock.until(() => [...large, ...small].every(({ endings }) => endings.length > 0), 'all');
      expect(small.map(({ answer }) => answer)).toEqual(small.map((_, i) => `${i}`));
      for (const { endings, body } of large) {
        const [ending] = endings;
        expect(ending !== undefined && 'body' in ending && Buffer.compare(ending.body, body) === 0).toBe(
          true,
        );
      }
      expect(order.slice(0, 20).every(bytes => bytes < 10)).toBe(true);
    },
  },
]);

const OTHERS: readonly Case[] = [
  {
    name: '180 answers of 1 MiB at once come whole: not all are begun before one is finished',
    async run(subject) {
      const rig = await new Rig(subject, { bounds: ROOMY }).ready();
      const body = Buffer.alloc(MIB, 'x');
      const asked = Array.from({ length: 180 }, () => rig.ask());
      await rig.quiet();
      for (const incoming of rig.came) incoming.reply(body);
      await rig.clock.until(() => asked.every(({ endings }) => endings.length > 0), 'all answers');
      expect(asked.filter(({ kind }) => kind !== 'reply')).toEqual([]);
    },
  },
  {
    name: 'what is not answered in time is lost, the other side hears that nobody waits, and a late answer is nothing',
    async run(subject) {
      const rig = await new Rig(subject).ready();
      const [late, other] = [rig.ask({ withinMs: 100 }), rig.ask({ withinMs: 10_000 })];
      await rig.clock.pass(150);
      expect([late.kind, late.endings.length, other.kind]).toEqual(['lost', 1, undefined]);
      expect(rig.came.map(({ cancelled }) => cancelled)).toEqual([true, false]);
      rig.came[0]!.reply(patterned(MIB, 1));
      rig.came[1]!.reply(Buffer.from('mine'));
      await rig.quiet();
      expect([late.endings.length, other.answer]).toEqual([1, 'mine']);
    },
  },
  {
    name: 'an answer that crosses the cancel on its way, in pieces or whole, settles nothing else',
    async run(subject) {
      const rig = await new Rig(subject, { latencyMs: 10 }).ready();
      const late = rig.ask({ withinMs: 40 });
      const other = rig.ask({ body: 'other' });
      rig.onAsk = incoming => void rig.clock.after(30, () => incoming.reply(patterned(MIB, incoming.id)));
      await rig.clock.until(() => other.endings.length > 0, 'the other answer');
      expect([late.kind, late.endings.length]).toEqual(['lost', 1]);
      const [ending] = other.endings;
      const body = ending !== undefined && 'body' in ending ? ending.body : undefined;
      expect(Buffer.compare(body!, patterned(MIB, rig.came[1]!.id))).toBe(0);
      expect(rig.ends).toEqual([]);
    },
  },
  {
    name: 'what is given up before it was sent is never sent; afterwards the other side is told',
    async run(subject) {
      const rig = new Rig(subject, { latencyMs: 40 });
      const [early, kept] = [rig.ask({ body: 'early' }), rig.ask({ body: 'kept' })];
      early.call.cancelled = true;
      await rig.clock.pass(50);
      expect([early.kind, early.because, kept.kind]).toEqual(['not sent', 'given up', undefined]);
      await rig.clock.pass(200);
      expect(rig.came.map(({ body }) => String(body))).toEqual(['kept']);
      kept.call.cancelled = true;
      await rig.clock.pass(200);
      expect([kept.kind, rig.came[0]!.cancelled]).toEqual(['lost', true]);
      rig.came[0]!.reply(Buffer.from('too late'));
      await rig.clock.pass(200);
      expect([early.endings.length, kept.endings.length]).toEqual([1, 1]);
    },
  },
  {
    name: 'what is given up half sent is not sent further, and the other side forgets its half',
    async run(subject) {
      const rig = await new Rig(subject).ready();
      rig.wire.freeze();
      const [large, small] = [rig.ask({ body: patterned(20 * MIB, 1) }), rig.ask({ body: 'small' })];
      await rig.clock.pass(50);
      large.call.cancelled = true;
      await rig.clock.pass(50);
      expect(large.kind).toBe('lost');
      const written = rig.wire.waiting('opener');
      expect(written).toBeLessThan(30);
      rig.wire.thaw();
      rig.onAsk = echo;
      await rig.clock.pass(50);
      expect(rig.came.map(({ body }) => String(body))).toEqual(['small']);
      expect(small.kind).toBe('reply');
      const again = rig.ask({ body: patterned(20 * MIB, 2) });
      await rig.clock.until(() => again.endings.length > 0, 'another large one');
      expect(again.kind).toBe('reply');
    },
  },
  {
    name: 'an answer that is half sent goes no further when nobody waits for it any more',
    async run(subject) {
      const rig = new Rig(subject);
      const raw = new RawAsker(rig);
      raw.duplex.pause();
      raw.ask({ id: 1 });
      await rig.quiet();
      rig.came[0]!.reply(Buffer.alloc(7 * MIB));
      await rig.quiet();
      raw.duplex.write(PEERS.encodeRequests({ sentAt: 0, asks: [], cancels: [1] }));
      await rig.quiet();
      raw.duplex.resume();
      await rig.quiet();
      expect(raw.answers.length).toBeGreaterThan(0);
      expect(raw.answers.length).toBeLessThan(20);
    },
  },
  {
    name: 'a budget is what is left when the request is sent, not when it was asked',
    async run(subject) {
      const rig = new Rig(subject, { latencyMs: 150 });
      rig.ask({ withinMs: 1000 });
      await rig.clock.until(() => rig.came.length > 0, 'it');
      expect(rig.came[0]!.budgetMs).toBeLessThanOrEqual(701);
      expect(rig.came[0]!.budgetMs).toBeGreaterThan(500);
    },
  },
  {
    name: 'what a request lay in buffers is told beside its budget',
    async run(subject) {
      const rig = await new Rig(subject).ready();
      rig.wire.freeze();
      rig.ask({ withinMs: 1000 });
      rig.ask({ withinMs: 300 });
      await rig.clock.pass(400);
      rig.wire.thaw();
      await rig.quiet();
      expect(rig.came.map(({ budgetMs }) => budgetMs)).toEqual([1000, 300]);
      for (const { waitedMs } of rig.came) {
        expect(waitedMs).toBeGreaterThan(395);
        expect(waitedMs).toBeLessThan(405);
      }
    },
  },
  {
    name: 'the budget of a body in pieces runs from its first',
    async run(subject) {
      const rig = await new Rig(subject).ready();
      let frames = 0;
      rig.wire.tamper = (frame, by) => {
        if (by === 'opener' && ++frames === 3) rig.wire.freeze();
        return [frame];
      };
      rig.ask({ body: patterned(10 * MIB, 1), withinMs: 1000 });
      await rig.clock.pass(400);
      rig.wire.thaw();
      await rig.clock.until(() => rig.came.length > 0, 'it');
      expect(rig.came[0]!.budgetMs).toBe(1000);
      expect(rig.came[0]!.waitedMs).toBeGreaterThan(395);
    },
  },
  {
    name: 'only so much is under way: calls and bytes, prompt and bulk apart; each end makes room again',
    async run(subject) {
      const bounds = { prompt: { calls: 4, bytes: 10 * KIB }, bulk: { calls: 2, bytes: 10 * KIB } };
      const rig = await new Rig(subject, { bounds }).ready();
      for (let round = 0; round < 3; round++) {
        rig.came.length = 0;
        const prompt = Array.from({ length: 5 }, () => rig.ask());
        const bulk = Array.from({ length: 3 }, () => rig.ask({ bulk: true, method: Delete }));
        expect(prompt.map(({ refused }) => refused !== undefined)).toEqual([
          false,
          false,
          false,
          false,
          true,
        ]);
        expect(bulk.map(({ refused }) => refused !== undefined)).toEqual([false, false, true]);
        await rig.quiet();
        for (const incoming of rig.came) endIn(incoming, round);
        if (round === 1) await rig.clock.pass(10_050);
        await rig.quiet();
        expect(rig.link.underWay).toBe(0);
        const [all, none] = [rig.ask({ body: Buffer.alloc(20 * KIB) }), rig.ask({ body: 'x' })];
        expect([all.refused, typeof none.refused]).toEqual([undefined, 'string']);
        await rig.quiet();
        rig.came.at(-1)!.reply(Buffer.alloc(0));
        await rig.quiet();
      }
    },
  },
  {
    name: 'what nobody waits for, or what is larger than anybody takes, is refused at once',
    async run(subject) {
      const rig = await new Rig(subject, { bounds: ROOMY }).ready();
      const refused = [rig.ask({ withinMs: 0 }), rig.ask({ body: Buffer.alloc(105 * MIB) })];
      expect(refused.map(asked => asked.refused)).toEqual(['given up', 'too large']);
      await rig.clock.pass(100);
      expect([rig.came, refused.flatMap(({ endings }) => endings)]).toEqual([[], []]);
    },
  },
  {
    name: 'what is asked beyond the bound of the other side is answered with its refusal; the rest goes on',
    async run(subject) {
      const rig = new Rig(subject, { callsMax: 3 });
      const asked = Array.from({ length: 5 }, () => rig.ask());
      await rig.quiet();
      expect(asked.map(({ answer }) => answer)).toEqual([
        undefined,
        undefined,
        undefined,
        'refused',
        'refused',
      ]);
      expect(asked[4]!.kind).toBe('failure');
      for (const incoming of rig.came.splice(0)) incoming.reply(incoming.body);
      await rig.quiet();
      const next = [rig.ask(), rig.ask(), rig.ask()];
      await rig.quiet();
      expect([rig.came.length, next[0]!.kind]).toEqual([3, undefined]);
    },
  },
  {
    name: 'background work makes nobody suspect, however long it takes, nor does it make silence usual',
    async run(subject) {
      const rig = await new Rig(subject).ready();
      for (let i = 0; i < 100; i++) {
        rig.ask({ bulk: true });
        await rig.clock.pass(600);
        expect(rig.link.suspect).toBe(false);
        rig.came[i]!.reply(Buffer.alloc(0));
        await rig.quiet();
      }
      rig.ask({ bulk: true });
      await rig.clock.pass(600);
      rig.ask();
      expect(rig.link.suspect).toBe(false);
      await rig.clock.pass(320);
      expect(rig.link.suspect).toBe(true);
    },
  },
  {
    name: 'it is suspect when it owes an answer and is silent for longer than usual, and no more once it speaks',
    async run(subject) {
      const rig = await new Rig(subject).ready();
      await rig.clock.pass(1000);
      expect(rig.link.suspect).toBe(false);
      const asked = rig.ask();
      await rig.clock.pass(250);
      expect(rig.link.suspect).toBe(false);
      await rig.clock.pass(100);
      expect(rig.link.suspect).toBe(true);
      const second = rig.ask();
      await rig.quiet();
      rig.came[1]!.reply(Buffer.alloc(0));
      await rig.quiet();
      expect([rig.link.suspect, second.kind, asked.kind]).toEqual([false, 'reply', undefined]);
      rig.came[0]!.reply(Buffer.alloc(0));
      await rig.clock.pass(1000);
      expect(rig.link.suspect).toBe(false);
    },
  },
  {
    name: 'where answers take a second, half a second of silence is usual',
    async run(subject) {
      const rig = await new Rig(subject).ready();
      rig.onAsk = incoming => void rig.clock.after(1000, () => incoming.reply(incoming.body));
      for (let i = 0; i < 600; i++) rig.ask();
      await rig.clock.pass(1500);
      rig.ask();
      await rig.clock.pass(500);
      expect(rig.link.suspect).toBe(false);
    },
  },
];

export const ASKING_CASES: readonly Case[] = [...IN_BOTH_DIALECTS, ...OTHERS];

/** By an answer, by a failure; else it is given up by its deadline. */
function endIn(incoming: Incoming, round: number): void {
  if (round === 0) incoming.reply(Buffer.alloc(0));
  if (round === 2) incoming.fail(Buffer.alloc(0));
  expect(incoming.method).toBeGreaterThanOrEqual(Get);
}
