/**
 * What no honest side does: frames that are none, ids that are not its own, bodies without end, and not
 * reading (I10).
 */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Ending } from '../../src/link/asking.ts';
import { LINK_BOUNDS } from '../../src/link/asking.ts';
import type { Answer, Ask, Dialect } from '../../src/wire/frame.ts';
import { RawAsker, Socket } from './raw.ts';
import { CLIENTS, Delete, echo, Get, KIB, MIB, messages, PEERS, patterned, Rig, TURNS } from './rig.ts';
import type { Case, Subject } from './subject.ts';

const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const EMPTY = Buffer.alloc(0);
const PIECE: Ask = { id: 1, method: Get, budgetMs: 0, body: EMPTY, more: true };

interface HostileAsking {
  readonly name: string;
  readonly dialect?: Dialect;
  readonly frames: () => Iterable<Uint8Array>;
  readonly status?: number;
}

function asks(...given: readonly Partial<Ask>[]): Uint8Array {
  return PEERS.encodeRequests({ sentAt: 0, asks: given.map(ask => ({ ...PIECE, ...ask })), cancels: [] });
}

function* repeated(frame: Uint8Array, times: number): Iterable<Uint8Array> {
  for (let i = 0; i < times; i++) yield frame;
}

const HOSTILE_ASKING: readonly HostileAsking[] = [
  { name: 'bytes that are no frame', frames: () => [Buffer.from('GET / HTTP/1.1')] },
  { name: 'half a frame', frames: () => [asks({ body: Buffer.alloc(100) }).subarray(0, 50)] },
  { name: 'the id 0', frames: () => [asks({ id: 0 })] },
  {
    name: 'the id 2^53',
    dialect: CLIENTS,
    frames: () => [
      CLIENTS.encodeRequests({ sentAt: undefined, asks: [{ ...PIECE, id: 2 ** 53 }], cancels: [] }),
    ],
  },
  { name: 'the id of one that is under way', frames: () => [asks({ more: false }), asks({ more: false })] },
  { name: 'the id of one that has begun', frames: () => [asks({ more: true }), asks({ more: false })] },
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(sentAtUs => ({
    name: `a frame that was sent at ${sentAtUs}`,
    frames: () => [messages.linkRequest.encode({ sentAtUs, asks: [{ ...PIECE, budgetMs: 9 }], cancels: [] })],
  })),
  {
    name: 'pieces that never end',
    frames: () => {
      const piece = { ...PIECE, body: Buffer.alloc(256 * KIB), method: 0 };
      return repeated(asks(piece), 600);
    },
    status: RESOURCE_EXHAUSTED,
  },
  {
    name: 'beginnings of ever other requests',
    frames: function* () {
      const body = Buffer.alloc(256 * KIB);
      for (let id = 1; id <= 600; id++) yield asks({ id, body });
    },
    status: RESOURCE_EXHAUSTED,
  },
];

const ENDLESS_EMPTY: HostileAsking = {
  name: 'empty pieces without end',
  frames: () => repeated(asks(...Array.from({ length: 10_000 }, () => ({ method: 0 }))), 60),
  status: RESOURCE_EXHAUSTED,
};

function hostileAsking({ name, dialect = PEERS, frames, status = INVALID_ARGUMENT }: HostileAsking): Case {
  return {
    name: `${name}: the stream ends with a status and a reason, others go on`,
    async run(subject) {
      const rig = await new Rig(subject, { dialect }).ready();
      const other = rig.ask({ body: 'other' });
      await rig.quiet();
      const raw = new RawAsker(rig);
      for (const frame of frames()) {
        raw.duplex.write(frame);
        await rig.quiet();
        if (raw.ends.length > 0) break;
      }
      await rig.quiet();
      expect(raw.ends).toEqual([{ status, why: expect.stringMatching(/\w/) }]);
      expect(rig.links[1]!.underWay).toBe(0);
      rig.came[0]!.reply(Buffer.from('other'));
      await rig.quiet();
      expect([other.answer, rig.ends]).toEqual(['other', []]);
    },
  };
}

interface HostileAnswering {
  readonly name: string;
  readonly dialect?: Dialect;
  /** Instead of the answer to the request with the id 2. */
  readonly frames: () => readonly Uint8Array[];
}

function answers(...given: readonly Partial<Answer>[]): Uint8Array {
  const full = given.map(answer => ({
    id: 2,
    method: Get,
    body: EMPTY,
    failed: false,
    more: false,
    ...answer,
  }));
  return PEERS.encodeResponses({ sentAt: 0, answers: full });
}

const HOSTILE_ANSWERING: readonly HostileAnswering[] = [
  { name: 'bytes that are no frame', frames: () => [Buffer.from('HTTP/1.1 400')] },
  { name: 'an answer with the id 0', frames: () => [answers({ id: 0 })] },
  { name: 'an answer that nobody has asked for', frames: () => [answers({ id: 77 })] },
  {
    name: 'an answer of another method',
    dialect: CLIENTS,
    frames: () => [
      CLIENTS.encodeResponses({
        sentAt: undefined,
        answers: [{ id: 2, method: Delete, body: EMPTY, failed: false, more: false }],
      }),
    ],
  },
  {
    name: 'an answer without end',
    frames: () => Array<Uint8Array>(600).fill(answers({ more: true, body: Buffer.alloc(256 * KIB) })),
  },
];

function hostileAnswering({ name, dialect = PEERS, frames }: HostileAnswering): Case {
  return {
    name: `${name}: the stream ends, what was under way is lost, and the next request goes over another`,
    async run(subject) {
      const rig = await new Rig(subject, { dialect }).ready();
      const asked = [rig.ask(), rig.ask()];
      await rig.quiet();
      rig.wire.tamper = (frame, by) => (by === 'accepter' ? frames() : [frame]);
      rig.came[0]!.reply(Buffer.alloc(0));
      await rig.quiet();
      expect(asked.map(({ kind, endings }) => [kind, endings.length])).toEqual([
        ['lost', 1],
        ['lost', 1],
      ]);
      expect(rig.ends).toMatchObject([{ status: INVALID_ARGUMENT }]);
      rig.wire.tamper = frame => [frame];
      await rig.clock.pass(500);
      await rig.ready();
    },
  };
}

const PRESSURE: readonly Case[] = [
  {
    name: 'a side that does not read: what is asked is bounded, waits here, and goes when it reads again',
    async run(subject) {
      const rig = await new Rig(subject).ready();
      rig.onAsk = echo;
      rig.wire.freeze();
      const asked = Array.from({ length: 100 }, (_, i) => rig.ask({ body: patterned(MIB, i) }));
      await rig.quiet();
      const taken = asked.filter(({ refused }) => refused === undefined);
      expect(taken).toHaveLength(LINK_BOUNDS.prompt.bytes / MIB);
      expect(rig.wire.waiting('opener')).toBeLessThanOrEqual(16);
      rig.wire.thaw();
      await rig.clock.until(() => taken.every(({ endings }) => endings.length > 0), 'all of them');
      expect(taken.every(({ kind }) => kind === 'reply')).toBe(true);
    },
  },
  {
    name: 'an asker that does not read is read from no more, gets everything when it reads again',
    async run(subject) {
      const rig = new Rig(subject);
      rig.onAsk = incoming => incoming.reply(Buffer.alloc(64 * KIB));
      const raw = new RawAsker(rig);
      raw.duplex.pause();
      for (let id = 1; id <= 2000; id++) raw.ask({ id });
      await rig.clock.pass(1000);
      expect(rig.came.length).toBeLessThan(600);
      raw.duplex.resume();
      await rig.clock.until(() => raw.answers.length === 2000, 'all answers');
      expect(rig.came).toHaveLength(2000);
      await rig.clock.pass(60_000);
      expect(raw.ends).toEqual([]);
    },
  },
  {
    name: 'an asker that reads nothing for 30 s is cut off, and what was kept for it is free',
    async run(subject) {
      const rig = new Rig(subject);
      rig.onAsk = incoming => incoming.reply(Buffer.alloc(64 * KIB));
      const raw = new RawAsker(rig);
      raw.duplex.pause();
      for (let id = 1; id <= 2000; id++) raw.ask({ id });
      await rig.clock.pass(29_000);
      expect(raw.ends).toEqual([]);
      await rig.clock.pass(1500);
      expect(raw.ends).toEqual([
        { status: RESOURCE_EXHAUSTED, why: expect.stringMatching(/nothing was read/) },
      ]);
      expect([rig.wire.waiting('accepter'), rig.links[0]!.underWay]).toEqual([0, 0]);
    },
  },
  {
    name: 'one that reads slowly is not cut off',
    async run(subject) {
      const rig = new Rig(subject);
      rig.onAsk = incoming => incoming.reply(Buffer.alloc(256 * KIB));
      const raw = new RawAsker(rig);
      for (let id = 1; id <= 100; id++) raw.ask({ id });
      for (let i = 0; i < 5; i++) {
        raw.duplex.pause();
        await rig.clock.pass(20_000);
        raw.duplex.resume();
        await rig.quiet();
      }
      expect([raw.ends, raw.answers.length]).toEqual([[], 100]);
    },
  },
  {
    name: 'answers that nobody reads are kept up to a bound; beyond it those under way fail, each with a reason',
    async run(subject) {
      const rig = new Rig(subject);
      const raw = new RawAsker(rig);
      raw.ask(...Array.from({ length: 400 }, (_, i) => ({ id: i + 1 })));
      await rig.quiet();
      raw.duplex.pause();
      for (const incoming of rig.came) incoming.reply(Buffer.alloc(incoming.id === 400 ? 10 : MIB));
      await rig.quiet();
      raw.duplex.resume();
      await rig.clock.until(() => raw.answers.filter(({ more }) => !more).length === 400, 'all answers');
      const refused = raw.answers.filter(({ failed, body }) => failed && String(body) === 'no room');
      expect(refused.length).toBeGreaterThan(100);
      expect(refused.length).toBeLessThan(160);
      expect(raw.answers.filter(({ id, failed }) => id === 400 && !failed)).toHaveLength(1);
    },
  },
  {
    name: 'an answer that is larger than anybody takes fails, alone',
    async run(subject) {
      for (const [dialect, bytes] of [
        [PEERS, 105 * MIB],
        [CLIENTS, 64 * MIB],
      ] as const) {
        const rig = await new Rig(subject, { dialect }).ready();
        const [large, other] = [rig.ask({ body: 'large' }), rig.ask({ body: 'other' })];
        await rig.quiet();
        rig.came[0]!.reply(Buffer.alloc(bytes));
        rig.came[1]!.reply(Buffer.from('other'));
        await rig.quiet();
        expect([large.kind, large.answer?.slice(0, 20), other.answer, rig.ends]).toEqual([
          'failure',
          'too large',
          'other',
          [],
        ]);
      }
    },
  },
  {
    name: 'cancels of what was never asked, and answers that come twice, are nothing',
    async run(subject) {
      const rig = await new Rig(subject).ready();
      const raw = new RawAsker(rig);
      raw.duplex.write(PEERS.encodeRequests({ sentAt: 0, asks: [], cancels: [1, 7, 0, 4_000_000_000] }));
      rig.wire.tamper = (frame, by) => (by === 'accepter' ? [frame, frame] : [frame]);
      rig.onAsk = echo;
      const asked = rig.ask({ body: 'once' });
      await rig.quiet();
      expect([asked.answer, asked.endings.length, raw.ends, rig.ends]).toEqual(['once', 1, [], []]);
    },
  },
  {
    name: 'an id may come again once it is answered; a second answer to the first is not taken for one to the second',
    async run(subject) {
      const rig = new Rig(subject, { dialect: CLIENTS });
      const raw = new RawAsker(rig);
      raw.ask({ id: 7, body: Buffer.from('first') });
      await rig.quiet();
      rig.came[0]!.reply(Buffer.from('to the first'));
      await rig.quiet();
      raw.ask({ id: 7, body: Buffer.from('second') });
      await rig.quiet();
      rig.came[0]!.reply(Buffer.from('to the first again'));
      await rig.quiet();
      rig.came[1]!.reply(Buffer.from('to the second'));
      await rig.quiet();
      expect(raw.answers.map(({ body }) => String(body))).toEqual(['to the first', 'to the second']);
    },
  },
  {
    name: 'the id of one whose answer waits ends the stream: the other side cannot have read it',
    async run(subject) {
      const rig = new Rig(subject);
      const socket = new Socket();
      rig.accept(socket.open);
      socket.takesMore = false;
      rig.onAsk = echo;
      for (const id of [1, 2, 2]) {
        socket.events!.frame(asks({ id, more: false }));
        await rig.quiet();
      }
      expect(socket.cuts).toMatchObject([{ status: INVALID_ARGUMENT, why: expect.stringMatching(/2/) }]);
    },
  },
  {
    name: 'beginnings that are cancelled cost nothing, nor are they ever executed',
    async run(subject) {
      const rig = new Rig(subject);
      const raw = new RawAsker(rig);
      const body = Buffer.alloc(256 * KIB);
      for (let id = 1; id <= 600; id++) {
        raw.ask({ id, body, more: true });
        raw.duplex.write(PEERS.encodeRequests({ sentAt: 0, asks: [], cancels: [id] }));
        await rig.quiet();
      }
      expect([raw.ends, rig.came]).toEqual([[], []]);
    },
  },
  {
    name: 'an answer to what is still here, or half here, ends the stream: nobody can have answered that',
    async run(subject) {
      for (const id of [1, 2]) {
        const rig = new Rig(subject);
        const socket = new Socket();
        const { clock, dialect } = rig;
        const options = { open: socket.open, dialect, clock, turns: TURNS, bounds: LINK_BOUNDS };
        const link = new subject.AskingLink({ ...options, onEnded: () => {} });
        socket.takesMore = false;
        const endings: string[] = [];
        for (const bytes of [30 * MIB, 10]) {
          const call = { deadline: 10_000, cancelled: false };
          const settle = ({ kind }: Ending) => endings.push(kind);
          link.ask({ method: Get, body: Buffer.alloc(bytes), call, bulk: bytes > 10, settle });
        }
        socket.events!.opened();
        await rig.quiet();
        link.ask({
          method: Get,
          body: EMPTY,
          call: { deadline: 10_000, cancelled: false },
          bulk: false,
          settle: ({ kind }) => endings.push(kind),
        });
        await rig.quiet();
        socket.events!.frame(answers({ id: id === 1 ? 1 : 3 }));
        expect(socket.cuts).toMatchObject([{ status: INVALID_ARGUMENT }]);
        expect(endings).toEqual(['lost', 'lost', 'not sent']);
      }
    },
  },
];

/** Bytes near enough to a frame to get past its first check. */
const SPOILT = fc.record({
  at: fc.nat(400),
  byte: fc.nat(255),
  cut: fc.option(fc.nat(400), { freq: 6 }),
  twice: fc.boolean(),
});

function spoil(
  frame: Uint8Array,
  { at, byte, cut, twice }: { at: number; byte: number; cut: number | null; twice: boolean },
) {
  const bytes = Buffer.from(frame);
  bytes[at % bytes.length] = byte;
  const kept = cut === null ? bytes : bytes.subarray(0, cut);
  return twice ? Buffer.concat([kept, bytes]) : kept;
}

function fuzzed(
  dialect: Dialect,
  seed: number,
  run: (spoilt: readonly Buffer[]) => Promise<void>,
): Promise<void> {
  const honest = [
    dialect.encodeRequests({
      sentAt: 5,
      asks: [1, 2, 3].map(id => ({
        ...PIECE,
        id,
        more: dialect === PEERS && id === 2,
        body: Buffer.alloc(20, id),
      })),
      cancels: [1, 9],
    }),
    dialect.encodeResponses({
      sentAt: 5,
      answers: [1, 2, 3].map(id => ({
        id,
        method: Get,
        body: Buffer.alloc(20, id),
        failed: id === 3,
        more: id === 2,
      })),
    }),
  ];
  const frames = fc.array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.tuple(fc.constantFrom(...honest), SPOILT).map(([frame, how]) => spoil(frame, how)),
      },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes)) },
    ),
    { minLength: 1, maxLength: 8 },
  );
  return fc.assert(fc.asyncProperty(frames, run), { seed, numRuns: 150, endOnFailure: true });
}

const FUZZ: readonly Case[] = [PEERS, CLIENTS].flatMap((dialect, i) => [
  {
    name: `random frames (${i}): the answering side never throws, and each request it took is answered or cancelled`,
    run: (subject: Subject) =>
      fuzzed(dialect, 21 + i, async frames => {
        const rig = new Rig(subject, { dialect });
        const socket = new Socket();
        rig.accept(socket.open);
        for (const frame of frames) socket.events!.frame(frame);
        for (const incoming of rig.came.filter(({ id }) => id % 2 === 0)) incoming.reply(incoming.body);
        await rig.quiet();
        socket.events!.ended({ status: 1, why: 'gone' });
        expect(rig.links[0]!.underWay).toBe(0);
        expect(socket.cuts.length).toBeLessThanOrEqual(1);
      }),
  },
  {
    name: `random frames (${i}): the asking side never throws, and no request hangs beyond its deadline`,
    run: (subject: Subject) =>
      fuzzed(dialect, 31 + i, async frames => {
        const rig = new Rig(subject, { dialect });
        const socket = new Socket();
        const options = { open: socket.open, dialect, clock: rig.clock, turns: TURNS, bounds: LINK_BOUNDS };
        const link = new subject.AskingLink({ ...options, onEnded: () => {} });
        const endings: string[] = [];
        const call = { deadline: rig.clock.now() + 1000, cancelled: false };
        const ask = () =>
          link.ask({ method: Get, body: EMPTY, call, bulk: false, settle: ({ kind }) => endings.push(kind) });
        const refused = [ask(), ask(), ask()].filter(why => why !== undefined);
        socket.events!.opened();
        await rig.quiet();
        for (const frame of frames) socket.events!.frame(frame);
        await rig.clock.pass(1030);
        expect([endings.length, refused, link.underWay]).toEqual([3, [], 0]);
      }),
  },
]);

export const HOSTILE_CASES: readonly Case[] = [
  ...HOSTILE_ASKING.map(hostileAsking),
  ...HOSTILE_ANSWERING.map(hostileAnswering),
  ...PRESSURE,
  ...FUZZ,
];

const MANY_CANCELS: Case = {
  name: 'frames of 16 000 cancels each beside 40 000 refusals that nobody reads cost as much as they have cancels',
  async run(subject) {
    const rig = new Rig(subject, { callsMax: 0 });
    const socket = new Socket();
    rig.accept(socket.open);
    socket.takesMore = false;
    const ids = Array.from({ length: 40_000 }, (_, i) => i + 1);
    for (let from = 0; from < ids.length; from += 10_000) {
      socket.events!.frame(asks(...ids.slice(from, from + 10_000).map(id => ({ id, more: false }))));
      await rig.quiet();
    }
    const sent = socket.written.length;
    const unknown = ids.slice(0, 16_000).map(id => id + 1_000_000);
    const cancelled = (cancels: readonly number[]) =>
      socket.events!.frame(PEERS.encodeRequests({ sentAt: 0, asks: [], cancels }));
    for (let i = 0; i < 100; i++) cancelled(unknown);
    for (let from = 0; from < ids.length; from += 16_000) cancelled(ids.slice(from, from + 16_000));
    socket.takesMore = true;
    socket.events!.drained();
    await rig.quiet();
    expect([socket.written.length, socket.cuts]).toEqual([sent, []]);
  },
};

/** Too slow to be tried on every mutant. */
export const SLOW_CASES: readonly Case[] = [hostileAsking(ENDLESS_EMPTY), MANY_CANCELS];
