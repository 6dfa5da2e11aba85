/**
 * Whether somebody listens on an address already, asked by trying. Other reasons why one cannot listen there
 * are not asked for.
 */
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
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen(parseAddress(address), () => server.close(() => resolve(true)));
  });
}
