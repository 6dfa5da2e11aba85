/** What the simulated network does to messages, and what callers and servers learn of it. */
import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { ShoalError } from '../../../src/base/errors.ts';
import { neverLeft } from '../../../src/wire/never-left.ts';
import { fromStatus } from '../../../src/wire/status.ts';
import type { ServedCall } from './network.ts';
import { both, numbers, type Outcome, protos, TestNetwork } from './network-support.ts';
import { CallFailed } from './statuses.ts';

const UNEVEN = { delayMs: { min: 1, usual: 20 }, slowShare: 0 };
const TO = [{ from: 'n1', to: 'n2' }];
const BACK = [{ from: 'n2', to: 'n1' }];

const isNeverLeft = ({ error }: Outcome) => error instanceof CallFailed && neverLeft(error.status);

function pair(options: ConstructorParameters<typeof TestNetwork>[0] = {}) {
  const net = new TestNetwork(options);
  const n1 = net.start('n1');
  const n2 = net.start('n2');
  const via = n1.channel('n2');
  const askAll = (keys: readonly string[], ms = 1_000) => {
    for (const key of keys) void net.ask(n1, 'n2', { key, ms, via });
  };
  return { net, n1, n2, via, askAll };
}

describe('on an everyday network', () => {
  it('request and answer take one way each', async () => {
    const { net, askAll } = pair();
    askAll(['a']);
    await net.pass(100);
    expect(net.read).toMatchObject([{ by: 'n2', key: 'a', at: 10 }]);
    expect(net.outcomes).toMatchObject([{ key: 'a', at: 20, said: 'a' }]);
  });

  it('messages take different times, and arrive in the order in which they were sent', async () => {
    const { net, askAll } = pair({ plan: UNEVEN });
    askAll(numbers(200));
    await net.pass(100);
    expect(net.keysRead).toEqual(numbers(200));
    expect(net.outcomes.map(({ key }) => key)).toEqual(numbers(200));
    expect(new Set(net.read.map(({ at }) => at)).size).toBeGreaterThan(3);
    for (const { at } of net.read) expect(at).toBeGreaterThanOrEqual(1);
    for (const { at } of net.read) expect(at).toBeLessThanOrEqual(20);
  });

  it('a slow share of them takes up to ten times as long', async () => {
    const times: number[] = [];
    for (let seed = 0; seed < 40; seed += 1) {
      const { net, askAll } = pair({ seed, plan: { delayMs: { min: 10, usual: 20 }, slowShare: 0.5 } });
      askAll(['a']);
      await net.pass(400);
      times.push(net.read[0]!.at);
    }
    expect(Math.max(...times)).toBeGreaterThan(60);
    expect(Math.max(...times)).toBeLessThanOrEqual(200);
    expect(times.filter(ms => ms <= 20).length).toBeGreaterThan(8);
  });

  it('what arrives are other bytes than those which were sent', async () => {
    const { net, n1, via } = pair();
    const message = { key: 'before', context: Buffer.from('c') };
    void net.send(n1.process, { via, method: protos.kv.Put, message, ms: 100 });
    message.key = 'after';
    await net.pass(100);
    expect(net.keysRead).toEqual(['before']);
  });

  it('a refusal comes with all that was said', async () => {
    const { net, askAll } = pair();
    net.handle = () => {
      throw new ShoalError('QUORUM_UNREACHABLE', 'too few', { facts: { required: '2' } });
    };
    askAll(['a']);
    await net.pass(100);
    const { status } = net.outcomes[0]!.error as CallFailed;
    const { reason, detail, facts } = fromStatus(status, { write: false, protos });
    expect([reason, detail, facts.required]).toEqual(['QUORUM_UNREACHABLE', 'too few', '2']);
  });

  it('a method that is not served there is refused', async () => {
    const { net, n1, via } = pair();
    const asked = { via, method: protos.cluster.Status, message: { key: 'a' }, ms: 100 };
    void net.send(n1.process, asked);
    await net.pass(100);
    expect(net.outcomes).toMatchObject([{ at: 20, code: 12 }]);
  });

  it('two services may share an address', async () => {
    const { net, n1, n2, via } = pair();
    const { gate, stalls } = {
      gate: { enter: (work: { begin(): void }) => work.begin(), leave() {} },
      stalls: { age: () => 0 },
    };
    const method = { name: 'Status', write: false, answer: () => ({ node: 'n2' }) };
    net.network.listen(
      { address: 'n2:client', process: n2.process },
      {
        definition: protos.cluster,
        methods: { Status: method, Locate: method, Ring: method } as never,
        door: { clock: n2.process.clock, gate, stalls } as never,
        protos,
      },
    );
    const got = via.send(protos.cluster.Status, {}, { deadline: 100, cancelled: false });
    void net.ask(n1, 'n2', { key: 'b' });
    await net.pass(100);
    expect(await got).toMatchObject({ node: 'n2' });
    expect(net.keysRead).toEqual(['b']);
  });
});

describe('a budget', () => {
  it('counts from when the server reads the request: what was spent on the way is not known there', async () => {
    const { net, n2, askAll } = pair();
    net.network.clog(TO);
    askAll(['a'], 1_000);
    await net.pass(700);
    net.network.healAll();
    await net.pass(100);
    const [read] = net.read;
    // Less the share that the door keeps for the way of the answer (src/rpc/serving.ts).
    expect(read!.call.deadline).toBe(read!.at + 950);
    expect(n2.process.clock.now()).toBe(800);
  });

  it('that passes ends the call by its caller’s own clock, and is called back one way later', async () => {
    const net = new TestNetwork();
    const hasty = net.start('n1', { rate: 2 });
    net.start('n2');
    net.handle = () => new Promise(() => {});
    void net.ask(hasty, 'n2', { key: 'a', ms: 100 });
    await net.pass(59);
    expect(net.outcomes).toMatchObject([{ at: 50, code: 4 }]);
    expect((net.outcomes[0]!.error as CallFailed).status.message).toBe(
      'Deadline exceeded after 0.100s,remote_addr=n2:client',
    );
    expect(net.read[0]!.call.cancelled).toBe(false);
    await net.pass(2);
    expect(net.read[0]!.call.cancelled).toBe(true);
  });

  it('an answer that comes after it is thrown away', async () => {
    const { net, askAll } = pair();
    askAll(['a'], 15);
    await net.pass(100);
    expect(net.outcomes).toMatchObject([{ at: 15, code: 4 }]);
    expect(net.keysRead).toEqual(['a']);
  });
});

describe('where nobody listens', () => {
  it('a call is refused after one round trip, and provably never left', async () => {
    const { net, n1 } = pair();
    net.start('n3', { listens: false });
    void net.ask(n1, 'n3', { key: 'a' });
    await net.pass(100);
    expect(net.outcomes).toMatchObject([{ at: 20, code: 14 }]);
    expect(net.outcomes.map(isNeverLeft)).toEqual([true]);
  });

  it('a process that has ended is no listener', async () => {
    const { net, n2, askAll } = pair();
    n2.process.end();
    askAll(['a']);
    await net.pass(100);
    expect(net.outcomes.map(isNeverLeft)).toEqual([true]);
    expect(net.read).toEqual([]);
  });
});

describe('when a process ends', () => {
  it('its callers learn one way later that the connection dropped, and the outcome is open', async () => {
    const { net, n2, askAll } = pair();
    net.handle = () => new Promise(() => {});
    askAll(['a']);
    await net.pass(50);
    n2.process.end();
    await net.pass(100);
    expect(net.outcomes).toMatchObject([
      { at: 60, error: { status: { code: 14, message: 'Connection dropped' } } },
    ]);
    expect(net.outcomes.some(isNeverLeft)).toBe(false);
  });

  it('behind a cut they learn nothing before their deadline', async () => {
    const { net, n2, askAll } = pair();
    net.handle = () => new Promise(() => {});
    askAll(['a']);
    await net.pass(50);
    net.network.cut(BACK);
    n2.process.end();
    await net.pass(949);
    expect(net.outcomes).toEqual([]);
    await net.pass(1);
    expect(net.outcomes).toMatchObject([{ at: 1_000, code: 4 }]);
  });

  it('what was on its way to it does not reach the next process there', async () => {
    const { net, n2, askAll } = pair();
    askAll(['a']);
    await net.pass(5);
    n2.process.end();
    net.start('n2');
    askAll(['b']);
    await net.pass(100);
    expect(net.keysRead).toEqual(['b']);
    expect(net.outcomes).toMatchObject([
      { key: 'a', error: { status: { message: 'Connection dropped' } } },
      { key: 'b' },
    ]);
  });

  it('an answer that has left it arrives', async () => {
    const { net, n2, askAll } = pair();
    askAll(['a']);
    await net.pass(15);
    n2.process.end();
    await net.pass(100);
    expect(net.outcomes).toMatchObject([{ at: 20, said: 'a' }]);
  });

  it('its own calls are called back, it is told nothing, and sends nothing', async () => {
    const { net, n1, via, askAll } = pair();
    net.handle = () => new Promise(() => {});
    askAll(['a']);
    await net.pass(50);
    n1.process.end();
    void net.ask(n1, 'n2', { key: 'b', via });
    await net.pass(5_000);
    expect(net.read.map(({ key, call }) => [key, call.cancelled])).toEqual([['a', true]]);
    expect([net.outcomes, net.network.underWay({ from: 'n1', to: 'n2' })]).toEqual([[], 0]);
  });
});

describe('when a process is paused', () => {
  it('connects succeed, and what arrives waits; it is read in order when it goes on', async () => {
    const { net, n2, askAll } = pair();
    n2.process.pause();
    askAll(numbers(5), 40);
    await net.pass(60);
    expect(net.read).toEqual([]);
    expect(net.outcomes.map(({ code }) => code)).toEqual([4, 4, 4, 4, 4]);
    expect(net.outcomes.some(isNeverLeft)).toBe(false);
    n2.process.resume();
    await net.pass(0);
    expect(net.keysRead).toEqual(numbers(5));
  });

  it('for long, its door knows by then that what it reads may be old', async () => {
    const { net, n2, askAll } = pair();
    n2.process.pause();
    askAll(['a'], 800);
    await net.pass(2_000);
    n2.process.resume();
    await net.pass(100);
    expect(net.read).toEqual([]);
  });

  it('a caller finds its deadlines passed before it reads the answers that came meanwhile', async () => {
    const { net, n1, askAll } = pair();
    askAll(['a'], 500);
    n1.process.pause();
    await net.pass(1_000);
    n1.process.resume();
    await net.pass(10);
    expect(net.outcomes).toMatchObject([{ at: 1_000, code: 4 }]);
  });
});

describe('a cut', () => {
  it('of the way back lets requests through, and no answers', async () => {
    const { net, askAll } = pair();
    net.network.cut(BACK);
    askAll(numbers(40));
    await net.pass(2_000);
    expect(net.read.length).toBeGreaterThan(10);
    expect(net.outcomes.length).toBe(40);
    expect(net.outcomes.every(({ code }) => code === 4)).toBe(true);
  });

  it('of the way there lets nothing through', async () => {
    const { net, askAll } = pair();
    net.network.cut(TO);
    askAll(numbers(40));
    await net.pass(2_000);
    expect(net.read).toEqual([]);
    expect(net.outcomes.every(({ code }) => code === 4)).toBe(true);
  });

  it('catches what is under way when it begins: some of it comes late, some never', async () => {
    const { net, askAll } = pair();
    askAll(numbers(40));
    await net.pass(5);
    const heal = net.network.cut(TO);
    await net.pass(500);
    expect(net.read).toEqual([]);
    heal();
    await net.pass(500);
    expect(net.read.length).toBeGreaterThan(5);
    expect(net.read.length).toBeLessThan(35);
  });

  it('however short takes some of what was sent into it', async () => {
    const { net, askAll } = pair();
    const heal = net.network.cut(TO);
    askAll(numbers(60));
    heal();
    await net.pass(500);
    expect(net.read.length).toBeGreaterThan(30);
    expect(net.read.length).toBeLessThan(55);
  });

  it.each([{ ways: TO }, { ways: BACK }, { ways: both('n1', 'n2') }])(
    'of $ways.length way from $ways.0.from: of what it says never left, nothing ever arrives; of the rest some does late',
    async ({ ways }) => {
      const { net, askAll } = pair();
      const heal = net.network.cut(ways);
      askAll(numbers(60), 500);
      await net.pass(1_000);
      heal();
      await net.pass(5_000);
      const neverLeftKeys = net.outcomes.filter(isNeverLeft).map(({ key }) => key);
      expect(neverLeftKeys.length).toBeGreaterThan(10);
      expect(net.keysRead.filter(key => neverLeftKeys.includes(key))).toEqual([]);
      expect(net.keysRead.length).toBeGreaterThan(5);
    },
  );

  it('that heals in time lets calls that waited for a connection begin, with what is left of their time', async () => {
    const { net, askAll } = pair();
    const heal = net.network.cut(both('n1', 'n2'));
    askAll(numbers(60), 2_000);
    await net.pass(1_000);
    heal();
    await net.pass(100);
    const answered = net.outcomes.filter(({ said }) => said !== undefined).length;
    expect(answered).toBeGreaterThan(30);
    expect(answered).toBeLessThan(60);
  });
});

describe('a clog', () => {
  it('holds everything, and lets it go in order, before what is sent after it', async () => {
    const { net, askAll } = pair({ plan: UNEVEN });
    const keys = numbers(90);
    askAll(keys.slice(0, 30));
    await net.pass(2);
    const before = net.read.length;
    const undo = net.network.clog(TO);
    await net.pass(1);
    askAll(keys.slice(30, 60));
    await net.pass(400);
    expect(net.read.length).toBe(before);
    undo();
    askAll(keys.slice(60));
    await net.pass(100);
    expect(net.keysRead).toEqual(keys);
    expect(net.outcomes.every(({ said }) => said !== undefined)).toBe(true);
  });

  it('lets nothing that was under way when it ended overtake what it held', async () => {
    const { net, askAll } = pair();
    const undo = net.network.clog(TO);
    askAll(['held']);
    await net.pass(5);
    askAll(['under way']);
    await net.pass(7);
    undo();
    await net.pass(100);
    expect(net.keysRead).toEqual(['held', 'under way']);
  });

  it('that comes again while it drains keeps the rest', async () => {
    const { net, askAll } = pair();
    const undo = net.network.clog(TO);
    askAll(numbers(3), 5_000);
    await net.pass(100);
    undo();
    const again = net.network.clog(TO);
    await net.pass(100);
    expect(net.read).toEqual([]);
    again();
    await net.pass(100);
    expect(net.keysRead).toEqual(numbers(3));
  });
});

describe('bad weather', () => {
  const CALM = { ways: TO, loss: 0, duplicate: 0, jitterMs: 0 };

  it('loses messages: some callers hear that their connection dropped, others nothing', async () => {
    const { net, askAll } = pair();
    net.network.weather({ ...CALM, loss: 1 });
    askAll(numbers(60), 5_000);
    await net.pass(6_000);
    expect(net.read).toEqual([]);
    const codes = net.outcomes.map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set([4, 14]));
    expect(net.outcomes.some(isNeverLeft)).toBe(false);
  });

  it('takes a fault of a plan as it stands, for which it has a name of its own', async () => {
    const { net, askAll } = pair();
    const fault = { ...CALM, kind: 'bad weather', ms: 1_000, loss: 1 } as const;
    net.network.weather(fault);
    expect(net.network.isStormy).toBe(true);
    askAll(numbers(10), 5_000);
    await net.pass(6_000);
    expect(net.read).toEqual([]);
  });

  it('loses answers likewise, after the request was served', async () => {
    const { net, askAll } = pair();
    net.network.weather({ ...CALM, ways: BACK, loss: 1 });
    askAll(numbers(40), 5_000);
    await net.pass(6_000);
    expect(net.read.length).toBe(40);
    expect(new Set(net.outcomes.map(({ code }) => code))).toEqual(new Set([4, 14]));
  });

  it('loses about as many as it says', async () => {
    const { net, askAll } = pair();
    net.network.weather({ ...CALM, loss: 0.2 });
    askAll(numbers(400));
    await net.pass(2_000);
    expect(net.read.length).toBeGreaterThan(280);
    expect(net.read.length).toBeLessThan(360);
  });

  it('with jitter lets messages overtake each other', async () => {
    const { net, askAll } = pair();
    net.network.weather({ ...CALM, jitterMs: 200 });
    askAll(numbers(50));
    await net.pass(300);
    expect(net.keysRead).not.toEqual(numbers(50));
    expect([...net.keysRead].sort()).toEqual([...numbers(50)].sort());
  });

  it('doubles messages: the handler runs twice, now and then seconds later, and the caller gets one answer', async () => {
    const { net, askAll } = pair();
    net.network.weather({ ...CALM, duplicate: 1 });
    askAll(numbers(60));
    await net.pass(5_000);
    expect(net.read.length).toBe(120);
    expect(net.outcomes.length).toBe(60);
    const late = net.read.filter(({ at }) => at > 1_000).length;
    expect(late).toBeGreaterThan(0);
    expect(late).toBeLessThan(30);
  });

  it('does not take a copy back when the caller goes away, nor brings it to the next process', async () => {
    const { net, n2, askAll } = pair();
    net.network.weather({ ...CALM, duplicate: 1 });
    net.handle = () => new Promise(() => {});
    askAll(numbers(40), 100);
    await net.pass(200);
    const copies = net.read.slice(40);
    expect(net.read.slice(0, 40).every(({ call }) => call.cancelled)).toBe(true);
    expect(copies.some(({ call }) => call.cancelled)).toBe(false);
    n2.process.end();
    net.start('n2');
    const read = net.read.length;
    await net.pass(5_000);
    expect(net.read.length).toBe(read);
  });

  it('throws the answer to a copy away', async () => {
    const { net, askAll } = pair();
    net.network.weather({ ...CALM, duplicate: 1 });
    net.handle = () => (net.read.length === 1 ? new Promise(() => {}) : undefined);
    askAll(['a'], 10_000);
    await net.pass(10_000);
    expect(net.read.length).toBe(2);
    expect(net.outcomes).toMatchObject([{ code: 4 }]);
  });

  it('lets a caller’s going away overtake its request, which then is served for nobody', async () => {
    const { net, askAll } = pair();
    net.network.weather({ ...CALM, jitterMs: 500 });
    net.handle = () => new Promise(() => {});
    askAll(numbers(40), 50);
    await net.pass(2_000);
    expect(net.read.length).toBe(40);
    expect(new Set(net.read.map(({ call }) => call.cancelled))).toEqual(new Set([true, false]));
  });

  it('doubles nothing that must not be repeated', async () => {
    const { net, n1, via } = pair();
    net.network.weather({ ...CALM, duplicate: 1 });
    const { Put, Delete } = protos.kv;
    const put = { key: 'put', writeId: Buffer.alloc(16, 1) };
    const over = { ...put, key: 'overwrite', overwrite: true };
    for (const message of [put, over, { key: 'no write id' }])
      void net.send(n1.process, { via, method: Put, message, ms: 100 });
    void net.send(n1.process, { via, method: Delete, message: { key: 'delete' }, ms: 100 });
    await net.pass(5_000);
    expect([...net.keysRead].sort()).toEqual(['delete', 'no write id', 'overwrite', 'put', 'put']);
  });

  it('is over when it is over', async () => {
    const { net, askAll } = pair();
    const undo = net.network.weather({ ...CALM, loss: 1, jitterMs: 100 });
    undo();
    askAll(numbers(50));
    await net.pass(100);
    expect(net.keysRead).toEqual(numbers(50));
  });
});

describe('faults that overlap on one way', () => {
  it('each end by themselves', async () => {
    const { net, askAll } = pair();
    const [cut, sameCut, clog] = [net.network.cut(TO), net.network.cut(TO), net.network.clog(TO)];
    askAll(numbers(30), 60_000);
    const open: boolean[] = [];
    for (const undo of [cut, cut, clog, sameCut]) {
      undo();
      await net.pass(50);
      open.push(net.read.length > 0);
    }
    expect(open).toEqual([false, false, false, true]);
  });

  it('all end together when everything is healed, and none ends twice', async () => {
    const { net, askAll } = pair();
    const undo = [net.network.cut(TO), net.network.clog(BACK)];
    net.network.weather({ ways: TO, loss: 1, duplicate: 0, jitterMs: 0 });
    net.network.healAll();
    const later = net.network.cut(TO);
    for (const action of undo) action();
    askAll(numbers(20));
    await net.pass(500);
    expect(net.read).toEqual([]);
    later();
    askAll(['b']);
    await net.pass(500);
    expect(net.keysRead).toContain('b');
  });
});

describe('for oracles', () => {
  it('it counts what was sent and what is under way', async () => {
    const { net, askAll } = pair();
    askAll(numbers(3));
    expect([net.network.sent('Get'), net.network.sent('Put'), net.network.calls]).toEqual([3, 0, 3]);
    expect([
      net.network.underWay({ from: 'n1', to: 'n2' }),
      net.network.underWay({ from: 'n2', to: 'n1' }),
    ]).toEqual([3, 0]);
    await net.pass(100);
    expect([net.network.sent('Get'), net.network.underWay({ from: 'n1', to: 'n2' })]).toEqual([3, 0]);
  });

  it('it tells how long each call ran, by the clock of whoever served it', async () => {
    const net = new TestNetwork();
    const n1 = net.start('n1');
    const fast = net.start('n2', { rate: 2 });
    const served: ServedCall[] = [];
    net.network.onServed(call => served.push(call));
    net.handle = () => new Promise(resolve => fast.process.clock.after(100, resolve));
    void net.ask(n1, 'n2', { key: 'a', ms: 500 });
    net.world.after(20, () => fast.process.pause());
    net.world.after(30, () => fast.process.resume());
    await net.pass(1_000);
    const told = { method: 'Get', node: 'n2', arrivedAt: 20, deadline: 470, endedAt: 120, pausedMs: 20 };
    expect(served).toEqual([told]);
  });
});

describe('a run', () => {
  const trace = async (seed: number) => {
    const { net, n2, askAll } = pair({ seed, plan: { delayMs: { min: 0.1, usual: 4 }, slowShare: 0.1 } });
    net.network.weather({ ways: both('n1', 'n2'), loss: 0.1, duplicate: 0.2, jitterMs: 5 });
    net.world.after(10, () => askAll(numbers(50)));
    net.world.after(300, net.network.cut(TO));
    net.world.after(500, () => n2.process.pause());
    net.world.after(600, () => askAll(numbers(50)));
    net.world.after(700, () => n2.process.resume());
    await net.pass(8_000);
    return { hash: net.world.trace.hash, lines: net.world.trace.lines };
  };

  it('of one seed is the same run, of another another', async () => {
    const first = await trace(3);
    expect(await trace(3)).toEqual(first);
    expect((await trace(4)).hash).not.toBe(first.hash);
  });

  it('leaves a line at each step of a call', async () => {
    const { net, askAll } = pair();
    askAll(['a']);
    await net.pass(100);
    expect(net.world.trace.lines).toEqual([
      { at: 0, about: 'message', key: 'a', text: 'n1>n2 Get 1 sent' },
      { at: 10, about: 'message', key: 'a', text: 'n1>n2 Get 1 arrives' },
      { at: 10, about: 'message', key: 'a', text: 'n2>n1 Get 1 answers' },
      { at: 20, about: 'message', key: 'a', text: 'n2>n1 Get 1 ends' },
    ]);
  });
});
