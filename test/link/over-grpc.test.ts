/**
 * The link over real gRPC streams, in real time: what the streams in memory of the other cases might hide.
 */
import { Buffer } from 'node:buffer';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Ending } from '../../src/link/asking.ts';
import { grpcDuplex } from '../../src/link/grpc-duplex.ts';
import type { Incoming } from '../../src/link/incoming.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemTurns } from '../../src/system/turns.ts';
import { grpcStreams } from '../support/grpc-streams.ts';
import { settled } from '../support/settled.ts';
import { Asked, echo, Get, MIB, PEERS, patterned, REFUSALS } from './rig.ts';
import { SOUND } from './subject.ts';

const WAIT_MS_MAX = 20_000;
const TIMES = { clock: systemClock, turns: systemTurns };

async function setUp(onAsk: (incoming: Incoming) => void) {
  const links: InstanceType<typeof SOUND.AnsweringLink>[] = [];
  const ends: number[] = [];
  const streams = await grpcStreams(open => {
    const link = new SOUND.AnsweringLink({
      ...TIMES,
      open,
      onAsk,
      dialect: PEERS,
      callsMax: 10_000,
      refusal: why => REFUSALS[why],
      isBulk: () => false,
      onEnded: ({ status }) => ends.push(status),
    });
    links.push(link);
    return () => link.endWhenIdle();
  });
  return { ...linkOver(streams.open), ...streams, links, ends };
}

function linkOver(open: Parameters<typeof grpcStreams>[0] extends (open: infer O) => unknown ? O : never) {
  const link = new SOUND.LastingLink({ ...TIMES, open, dialect: PEERS, fraction: () => 0 });
  onTestFinished(() => link.close());
  const ask = (body: Uint8Array, withinMs = WAIT_MS_MAX) => {
    const asked = new Asked(body, systemClock.now() + withinMs);
    const settle = (ending: Ending) => void asked.endings.push(ending);
    asked.refused = link.ask({ method: Get, body, call: asked.call, bulk: false, settle })?.because;
    return asked;
  };
  return { link, ask };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + WAIT_MS_MAX;
  do await settled();
  while (!holds() && performance.now() < deadline);
  expect(holds()).toBe(true);
}

function isAnswered({ endings, body }: Asked): boolean {
  const [ending] = endings;
  return ending !== undefined && 'body' in ending && Buffer.compare(ending.body, body) === 0;
}

describe('over gRPC', () => {
  test('a thousand requests get each its own answer, and large bodies go both ways beside them', async () => {
    const { ask } = await setUp(echo);
    const small = Array.from({ length: 1000 }, (_, i) => ask(Buffer.from(`${i}`)));
    const large = Array.from({ length: 8 }, (_, i) => ask(patterned(3 * MIB + i, i)));
    const taken = [...small, ...large].filter(({ refused }) => refused === undefined);
    await until(() => taken.every(({ endings }) => endings.length > 0));
    expect(taken).toHaveLength(1008);
    expect(taken.filter(asked => !isAnswered(asked))).toEqual([]);
  });

  test('a crash of the other side: what was sent is lost, what comes next is not sent, each once', async () => {
    const came: Incoming[] = [];
    const { ask, crash } = await setUp(incoming => void came.push(incoming));
    const asked = [ask(Buffer.from('a')), ask(Buffer.from('b'))];
    await until(() => came.length === 2);
    crash();
    await until(() => asked.every(({ endings }) => endings.length > 0));
    const next = ask(Buffer.from('c'));
    await until(() => next.refused !== undefined || next.endings.length > 0);
    expect(asked.map(({ endings }) => endings.map(({ kind }) => kind))).toEqual([['lost'], ['lost']]);
    expect(next.kind ?? 'not sent').toBe('not sent');
  });

  test('nobody listens there: nothing is sent', async () => {
    const { ask } = linkOver(
      grpcDuplex({ address: '127.0.0.1:1', path: '/a/b', frameBytesMax: MIB, proxied: false }),
    );
    const asked = ask(Buffer.from('a'));
    await until(() => asked.endings.length > 0);
    expect(asked.kind).toBe('not sent');
  });

  test.each(['', ':', 'no address', '127.0.0.1', '127.0.0.1:99999', 'unix:', '[::1', 'dns:///'])(
    'at "%s", which is no address, nothing is sent either',
    async address => {
      const { ask } = linkOver(grpcDuplex({ address, path: '/a/b', frameBytesMax: MIB, proxied: false }));
      const asked = ask(Buffer.from('a'));
      await until(() => asked.endings.length > 0 || asked.refused !== undefined);
      expect(asked.kind ?? 'not sent').toBe('not sent');
    },
  );

  test('told to end, it ends when all is answered, and the other side with it, in good order', async () => {
    const came: Incoming[] = [];
    const { ask, link, ends } = await setUp(incoming => void came.push(incoming));
    const asked = ask(patterned(MIB, 1));
    await until(() => came.length === 1);
    let idle = 0;
    link.retire(() => {
      idle += 1;
    });
    came[0]!.reply(came[0]!.body);
    await until(() => idle === 1 && ends.length === 1);
    expect([isAnswered(asked), ends]).toEqual([true, [0]]);
  });

  test('a side that ends answers everything first', async () => {
    const { ask, links, ends } = await setUp(incoming => {
      systemClock.after(1, () => incoming.reply(incoming.body));
    });
    const asked = Array.from({ length: 300 }, (_, i) => ask(Buffer.alloc(10_000, i)));
    await until(() => links.length === 1 && links[0]!.underWay > 0);
    links[0]!.finish();
    await until(() => ends.length === 1);
    expect([asked.filter(one => !isAnswered(one)), ends]).toEqual([[], [0]]);
  });

  test('what nobody waits for any more is cancelled at the other side', async () => {
    const came: Incoming[] = [];
    const { ask } = await setUp(incoming => void came.push(incoming));
    const asked = ask(Buffer.from('a'));
    await until(() => came.length === 1);
    asked.call.cancelled = true;
    await until(() => came[0]!.cancelled);
    expect(asked.endings.map(({ kind }) => kind)).toEqual(['lost']);
  });
});
