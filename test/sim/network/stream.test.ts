/** What a simulated stream carries, and what its two ends learn when it does not (src/ports/duplex.ts). */
import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { Duplex, DuplexEnd, DuplexEvents } from '../../../src/ports/duplex.ts';
import type { Process } from '../time/process.ts';
import { both, numbers, STEADY, TestNetwork } from './network-support.ts';

const UNEVEN = { delayMs: { min: 1, usual: 20 }, slowShare: 0 };
const TO = [{ from: 'n1', to: 'n2' }];
const BACK = [{ from: 'n2', to: 'n1' }];
const OK = 0;
const CANCELLED = 1;
const UNAVAILABLE = 14;

/** One end, and what it was told. */
class End {
  readonly net: TestNetwork;
  readonly process: Process;
  duplex!: Duplex;
  readonly frames: string[] = [];
  /** When each came. */
  readonly times: number[] = [];
  readonly drained: number[] = [];
  readonly ended: (DuplexEnd & { at: number })[] = [];
  openedAt: number | undefined;

  constructor(net: TestNetwork, process: Process) {
    this.net = net;
    this.process = process;
  }

  get events(): DuplexEvents {
    return {
      opened: () => {
        this.openedAt = this.net.world.now;
      },
      frame: bytes => {
        this.frames.push(Buffer.from(bytes).toString());
        this.times.push(this.net.world.now);
      },
      drained: () => this.drained.push(this.net.world.now),
      ended: end => this.ended.push({ ...end, at: this.net.world.now }),
    };
  }

  write(text: string): boolean {
    return this.duplex.write(Buffer.from(text));
  }
}

/** Streams from n1 to n2, each with its two ends. */
function world(options: ConstructorParameters<typeof TestNetwork>[0] = {}) {
  const net = new TestNetwork(options);
  const n1 = net.start('n1', { listens: false }).process;
  const n2 = net.start('n2', { listens: false }).process;
  const served: End[] = [];
  net.network.listenForStreams({ address: 'n2:peer', process: n2 }, open => {
    const end = new End(net, n2);
    end.duplex = open(end.events);
    served.push(end);
    return { endWhenIdle: () => end.duplex.end() };
  });
  const open = () => {
    const end = new End(net, n1);
    end.duplex = net.network.stream({ from: n1, address: 'n2:peer' })(end.events);
    return end;
  };
  return { net, n1, n2, served, open };
}

async function opened(options: Parameters<typeof world>[0] = {}) {
  const { open, served, ...rest } = world(options);
  const opener = open();
  await rest.net.pass(100);
  return { ...rest, opener, server: served[0]! };
}

/** Some keep trying through a cut and some do not, some are narrow: enough of them to meet every kind. */
async function manyOpened(count = 40) {
  const { open, ...rest } = world();
  const openers = Array.from({ length: count }, open);
  await rest.net.pass(100);
  return { ...rest, openers };
}

const kinds = (ends: readonly End[]) => new Set(ends.map(({ ended }) => ended.length));

describe('a stream', () => {
  it('is open after one way there and one back', async () => {
    const { opener, server } = await opened();
    expect([opener.openedAt, server.openedAt]).toEqual([20, undefined]);
  });

  it('carries frames both ways, in order and once each, though every one takes its own time', async () => {
    const { net, opener, server } = await opened({ plan: UNEVEN });
    for (const text of numbers(100)) [opener, server].map(end => end.write(text));
    await net.pass(200);
    expect([opener.frames, server.frames]).toEqual([numbers(100), numbers(100)]);
  });

  it('keeps the order in bad weather that lets messages overtake each other, and doubles nothing', async () => {
    const { net, opener, server } = await opened();
    net.network.weather({ ways: TO, loss: 0, duplicate: 1, jitterMs: 300 });
    for (const text of numbers(50)) opener.write(text);
    await net.pass(5_000);
    expect(server.frames).toEqual(numbers(50));
  });

  it('ends in good order: who is asked to has its last word first', async () => {
    const { net, opener, server } = await opened();
    opener.write('question');
    opener.duplex.end();
    opener.write('never sent');
    await net.pass(5);
    server.write('answer');
    await net.pass(100);
    expect([server.frames, opener.frames]).toEqual([['question'], ['answer']]);
    expect(opener.ended).toMatchObject([{ status: OK }]);
    expect(server.ended).toMatchObject([{ status: OK }]);
  });

  it('that its server cuts tells why', async () => {
    const { net, opener, server } = await opened();
    server.duplex.cut({ status: 8, why: 'too much' });
    await net.pass(100);
    expect(opener.ended).toMatchObject([{ status: 8, why: 'too much', at: 110 }]);
    expect(server.ended).toMatchObject([{ status: 8, at: 100 }]);
  });

  it('that its opener cuts is over there at once, and here one way later; what comes after is told to nobody', async () => {
    const { net, opener, server } = await opened();
    opener.write('late');
    server.write('later');
    opener.duplex.cut({ status: UNAVAILABLE, why: 'enough' });
    await net.pass(100);
    expect(opener.ended).toMatchObject([{ status: UNAVAILABLE, why: 'enough', at: 100 }]);
    expect(server.ended).toMatchObject([{ status: CANCELLED, at: 110 }]);
    expect([opener.frames, server.frames]).toEqual([[], ['late']]);
  });

  it('of one seed is the same stream', async () => {
    const trace = async (seed: number) => {
      const { net, opener, server } = await opened({ seed, plan: UNEVEN });
      for (const text of numbers(30)) [opener, server].map(end => end.write(text));
      await net.pass(1_000);
      return [net.world.trace.hash, opener.times, server.times];
    };
    expect(await trace(5)).toEqual(await trace(5));
    expect(await trace(5)).not.toEqual(await trace(6));
  });
});

describe('opening one', () => {
  it('where nobody listens is refused after one round trip', async () => {
    const { net, n2, open } = world();
    n2.end();
    const opener = open();
    await net.pass(100);
    expect(opener.ended).toMatchObject([{ status: UNAVAILABLE, at: 20 }]);
    expect(opener.openedAt).toBeUndefined();
  });

  it('to a process that is stopped gets no hello before it goes on', async () => {
    const { net, n2, open } = world();
    n2.pause();
    const opener = open();
    await net.pass(400);
    expect([opener.openedAt, opener.ended]).toEqual([undefined, []]);
    n2.resume();
    await net.pass(20);
    expect(opener.openedAt).toBe(410);
  });

  it('at a port that takes none any more is turned away', async () => {
    const { net, n2, open } = world();
    net.network.listenForStreams({ address: 'n2:peer', process: n2 }, () => undefined);
    const opener = open();
    await net.pass(100);
    expect(opener.ended).toMatchObject([{ status: UNAVAILABLE }]);
    expect(opener.ended[0]!.why).toMatch(/^DRAINING: /);
  });
});

describe('when a process ends', () => {
  it('what it had sent arrives, and then the other end knows', async () => {
    const { net, n2, opener, server } = await opened();
    server.write('last');
    n2.end();
    server.write('from the dead');
    await net.pass(100);
    expect([opener.frames, server.ended]).toEqual([['last'], []]);
    expect(opener.ended).toMatchObject([{ status: UNAVAILABLE, why: 'Connection dropped', at: 110 }]);
  });

  it('what was on its way to it does not reach the next process there', async () => {
    const { net, n2, opener } = await opened();
    opener.write('for the first');
    n2.end();
    const second = new End(net, net.start('n2').process);
    net.network.listenForStreams({ address: 'n2:peer', process: second.process }, () => undefined);
    await net.pass(100);
    expect(second.frames).toEqual([]);
    expect(opener.ended).toHaveLength(1);
  });

  it('behind a cut, its peer finds out by itself within 3 s', async () => {
    const { net, n2, openers } = await manyOpened();
    net.network.cut(BACK);
    n2.end();
    await net.pass(3_100);
    for (const { ended } of openers) expect(ended).toMatchObject([{ status: UNAVAILABLE }]);
  });
});

describe('a process that stands still', () => {
  it('reads what came meanwhile when it goes on, in order', async () => {
    const { net, n2, opener, server } = await opened();
    n2.pause();
    for (const text of numbers(5)) opener.write(text);
    await net.pass(500);
    expect(server.frames).toEqual([]);
    n2.resume();
    await net.pass(1);
    expect(server.frames).toEqual(numbers(5));
  });

  it('for longer than a keepalive bears is given up by its peer', async () => {
    const { net, n2, opener, server } = await opened();
    n2.pause();
    await net.pass(3_000);
    expect(opener.ended).toMatchObject([{ status: UNAVAILABLE, why: 'Connection dropped' }]);
    n2.resume();
    await net.pass(100);
    expect(server.ended).toMatchObject([{ status: CANCELLED }]);
  });
});

describe('back-pressure', () => {
  it('bids the sender wait when much is unread, and says when there is room again', async () => {
    const { net, openers, served } = await manyOpened();
    const took = openers.map(opener => 1 + numbers(20).findIndex(text => !opener.write(text)));
    expect(Math.max(...took)).toBe(16);
    expect(Math.min(...took)).toBe(1);
    expect(openers.every(({ drained }) => drained.length === 0)).toBe(true);
    await net.pass(100);
    expect(openers.every(({ drained }) => drained.length === 1)).toBe(true);
    expect(served.map(({ frames }) => frames.length)).toEqual(took);
  });

  it('comes from a reader that has paused, and goes when it reads on', async () => {
    const { net, opener, server } = await opened();
    server.duplex.pause();
    for (const text of numbers(20)) opener.write(text);
    await net.pass(1_000);
    expect([server.frames, opener.drained]).toEqual([[], []]);
    server.duplex.resume();
    expect(server.frames).toEqual([]);
    await net.pass(100);
    expect(server.frames).toEqual(numbers(20));
    expect(opener.drained).toHaveLength(1);
  });

  it('holds up no more than what is behind it: a cut is noticed all the same', async () => {
    const { net, opener, server } = await opened();
    server.duplex.pause();
    opener.write('unread');
    opener.duplex.cut({ status: CANCELLED, why: 'enough' });
    await net.pass(100);
    expect([server.frames, server.ended.length]).toEqual([[], 1]);
  });
});

describe('a loss', () => {
  it('ends the stream: nothing arrives behind it, and each end is told in time', async () => {
    const { net, openers, served } = await manyOpened();
    const undo = net.network.weather({ ways: TO, loss: 1, duplicate: 0, jitterMs: 0 });
    for (const opener of openers) opener.write('lost');
    undo();
    for (const opener of openers) opener.write('behind it');
    await net.pass(3_100);
    expect(served.flatMap(({ frames }) => frames)).toEqual([]);
    for (const { ended } of openers) expect(ended).toMatchObject([{ why: 'Connection dropped' }]);
    // Those who serve are patient, unless the connection was seen to break.
    expect(kinds(served)).toEqual(new Set([0, 1]));
    await net.pass(35_000);
    expect(kinds(served)).toEqual(new Set([1]));
  });

  it('of nothing else leaves them alone', async () => {
    const { net, openers, served } = await manyOpened();
    await net.pass(120_000);
    for (const { ended } of [...openers, ...served]) expect(ended).toEqual([]);
  });
});

describe('a cut', () => {
  it('that is short holds some streams up, and ends others', async () => {
    const { net, openers, served } = await manyOpened();
    const heal = net.network.cut(TO);
    for (const opener of openers) opener.write('in the cut');
    await net.pass(300);
    heal();
    await net.pass(5_000);
    const [whole, broken] = [0, 1].map(n => openers.filter(({ ended }) => ended.length === n).length);
    expect(whole).toBeGreaterThan(10);
    expect(broken).toBeGreaterThan(10);
    expect(served.filter(({ frames }) => frames.length === 1)).toHaveLength(whole!);
  });

  it.each([{ ways: TO }, { ways: BACK }, { ways: both('n1', 'n2') }])(
    'of $ways.length way from $ways.0.from that lasts is noticed within 3 s, also where nothing is said',
    async ({ ways }) => {
      const { net, openers } = await manyOpened(5);
      net.network.cut(ways);
      await net.pass(3_100);
      expect(kinds(openers)).toEqual(new Set([1]));
    },
  );

  it('that outlasts a stream lets what it held arrive late, and the end behind it', async () => {
    const { net, openers, served } = await manyOpened();
    const heal = net.network.cut(TO);
    for (const opener of openers) opener.write('late');
    await net.pass(4_000);
    expect(kinds(openers)).toEqual(new Set([1]));
    heal();
    await net.pass(100);
    const late = served.filter(({ frames }) => frames.length === 1);
    expect(late.length).toBeGreaterThan(10);
    expect(kinds(late)).toEqual(new Set([1]));
  });

  it('a clog holds everything, and lets it go in order', async () => {
    const { net, opener, server } = await opened({ plan: STEADY });
    const undo = net.network.clog(TO);
    for (const text of numbers(5)) opener.write(text);
    await net.pass(1_000);
    expect(server.frames).toEqual([]);
    undo();
    opener.write('after');
    await net.pass(100);
    expect(server.frames).toEqual([...numbers(5), 'after']);
  });
});
