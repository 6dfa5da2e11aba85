/**
 * Ports to listen on, below the range from which the system draws for `listen(0)` and for outgoing
 * connections (32768 and up on Linux, 49152 elsewhere). Why: 1. a node is killed; 2. some connection gets its
 * port from the system; 3. the node's restart fails.
 */
import { firstUsed } from '../../../src/cli/free-ports.ts';

const FROM = 12_000;
const TO = 32_000;

let next = FROM + Math.floor(Math.random() * (TO - FROM));

/** This many addresses on loopback that nobody listens on, never given before in this process. */
export async function freeAddresses(count: number): Promise<readonly string[]> {
  const addresses: string[] = [];
  while (addresses.length < count) {
    next = next >= TO ? FROM : next + 1;
    const address = `127.0.0.1:${next}`;
    if ((await firstUsed([address])) === undefined) addresses.push(address);
  }
  return addresses;
}
