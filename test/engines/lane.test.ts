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

it('who waits for its turn after a failure goes on at once when the node is back', async () => {
  const clock = new VirtualClock();
  const fails = () => Promise.reject(new ReplicaFailed('not sent', 'it is down'));
  const down = { reachable: () => true, replica: () => ({ handOff: fails }) };
  const courtesy = new Courtesy(clock);
  const peers = down as unknown as Peers;
  const lane = new Lane({ target: nodeName('n2'), peers, courtesy, clock, metrics: new Counters() });
  await expect(lane.send([])).rejects.toThrow('it is down');
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
