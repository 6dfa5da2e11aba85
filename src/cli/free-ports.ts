/** Whether addresses can be listened on, asked by trying. */
import { createServer } from 'node:net';
import { parseAddress } from './address.ts';

/** The first of the addresses that is in use, or undefined. */
export async function firstUsed(addresses: readonly string[]): Promise<string | undefined> {
  for (const address of addresses) {
    if (!(await isFree(address))) return address;
  }
  return undefined;
}

function isFree(address: string): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(parseAddress(address), () => server.close(() => resolve(true)));
  });
}
