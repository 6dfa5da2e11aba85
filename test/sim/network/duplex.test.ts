/** The stream of the simulator keeps the contract that gRPC's keeps. */
import { onTestFinished } from 'vitest';
import { duplexContract } from '../../contract/duplex.contract.ts';
import type { World } from '../time/world.ts';
import { TestNetwork } from './network-support.ts';

duplexContract('a simulated stream', async accept => {
  const net = new TestNetwork();
  const opener = net.start('n1', { listens: false }).process;
  const server = net.start('n2', { listens: false }).process;
  net.network.listenForStreams({ address: 'n2:peer', process: server }, open => ({
    endWhenIdle: accept(open),
  }));
  turn(net.world);
  return {
    open: net.network.stream({ from: opener, address: 'n2:peer' }),
    crash: () => server.end(),
  };
});

/** Its time passes as fast as the test looks, until that has seen enough. */
function turn(world: World): void {
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  const pass = async () => {
    while (!isOver) await world.run({ until: () => isOver, ms: 1 });
  };
  void pass();
}
