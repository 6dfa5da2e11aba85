/** Work that nobody waits for is not begun (I10). */
import { once } from 'node:events';
import { connect } from 'node:http2';
import { Metadata, type ServerUnaryCall, type StatusObject } from '@grpc/grpc-js';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Call } from '../../src/ports/call.ts';
import { Gate, type GateLimits } from '../../src/rpc/gate.ts';
import { StallWatch } from '../../src/rpc/stall.ts';
import { unary } from '../../src/rpc/unary.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemTurns } from '../../src/system/turns.ts';
import { protos } from '../support/grpc.ts';
import { KeptLog } from '../support/quiet.ts';
import { settled } from '../support/settled.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { fakeRequests, openDoor } from './support.ts';

/** Its time stands still: nothing here stalls. */
const stalls = new StallWatch(new VirtualClock());
const gateOf = (limits: GateLimits) => new Gate({ limits, clock: systemClock, turns: systemTurns, stalls });
const gate = gateOf({ calls: 1, bytes: 100 });
const door = { clock: systemClock, log: new KeptLog(), gate, stalls, onBug: () => {} };

/** A call as grpc-js hands it over, in such a state. */
function arriving(state: { cancelled: boolean; deadline: number }): ServerUnaryCall<object, object> {
  const { cancelled, deadline } = state;
  const call = {
    request: {},
    metadata: new Metadata(),
    cancelled,
    getDeadline: () => deadline,
    once: () => {},
  };
  return call as unknown as ServerUnaryCall<object, object>;
}

test.each([
  ['whose deadline has passed', { cancelled: false, deadline: Date.now() - 1 }, 'EXPIRED', 4],
  ['whose client is gone', { cancelled: true, deadline: Number.POSITIVE_INFINITY }, 'CANCELLED', 1],
])('a call %s is refused unexecuted, and leaves room for the next', async (_, state, reason, code) => {
  const answer = vi.fn();
  const handler = unary(door, { name: 'Put', write: true, answer }, protos);
  for (let i = 0; i < 3; i++) {
    const failed = await new Promise<Partial<StatusObject>>(resolve => {
      handler(arriving(state), error => resolve(error as StatusObject));
    });
    expect(failed).toMatchObject({
      code,
      details: expect.stringMatching(`^${reason}: .*\\(not applied\\)$`),
    });
  }
  expect(answer).not.toHaveBeenCalled();
});

test('after its answer no call counts as cancelled, though grpc-js says so of every one', async () => {
  let sayCancelled: () => void = () => {};
  const calls: Call[] = [];
  const answer = (_: object, call: Call) => {
    calls.push(call);
    return {};
  };
  const arrival = {
    ...arriving({ cancelled: false, deadline: Number.POSITIVE_INFINITY }),
    once: (_: string, action: () => void) => {
      sayCancelled = action;
    },
  } as unknown as ServerUnaryCall<object, object>;
  await new Promise<void>(resolve => {
    unary(door, { name: 'Put', write: true, answer }, protos)(arrival, () => resolve());
  });
  sayCancelled();
  expect(calls.map(({ cancelled }) => cancelled)).toEqual([false]);
});

test('gRPC that throws when it is given an answer is told of, and ends nothing else', async () => {
  const log = new KeptLog();
  const handler = unary({ ...door, log }, { name: 'Get', write: false, answer: () => ({}) }, protos);
  handler(arriving({ cancelled: false, deadline: Number.POSITIVE_INFINITY }), () => {
    throw new TypeError('the stream is gone');
  });
  await settled();
  expect(log.errors).toEqual([
    {
      event: 'an answer could not be sent',
      facts: { method: 'Get', why: 'TypeError: the stream is gone' },
    },
  ]);
});

test('a request that brings its own end with it does not reach the coordinator', async () => {
  const put = vi.fn();
  const { address } = await openDoor({ requests: fakeRequests({ put }) });
  const session = connect(`http://${address}`);
  onTestFinished(() => session.destroy());
  const stream = session.request({
    ':method': 'POST',
    ':path': protos.kv.Put.path,
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-timeout': '1n',
  });
  const message = protos.kv.Put.requestSerialize({ bucket: 'b', key: 'k', value: { text: 'v' } });
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([frame, message]));
  stream.resume();
  const heads: Record<string, unknown>[] = [];
  stream.on('response', head => heads.push(head)).on('trailers', head => heads.push(head));
  await once(stream, 'close');
  expect(heads.map(head => head['grpc-status']).filter(code => code !== undefined)).toEqual(['4']);
  expect(put).not.toHaveBeenCalled();
});

test('what fits in exactly enters, one byte more does not, and a closed gate lets nobody in', () => {
  const two = gateOf({ calls: 2, bytes: 10 });
  const enter = (bytes: number): string => {
    let said = 'nothing';
    two.enter({
      kind: 'write',
      bytes,
      arrivedAt: systemClock.now(),
      deadline: Number.POSITIVE_INFINITY,
      cancelled: false,
      wait: () => {},
      begin: () => {
        said = 'begun';
      },
      refuse: why => {
        said = why;
      },
    });
    return said;
  };
  expect([11, 10, 1, 0, 0].map(enter)).toEqual(['OVERLOADED', 'begun', 'OVERLOADED', 'begun', 'OVERLOADED']);
  two.leave({ kind: 'write', bytes: 10 });
  two.close();
  expect(enter(0)).toBe('DRAINING');
});
