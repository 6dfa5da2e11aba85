/**
 * Addresses of nodes as people write them: `host:port`, several with commas between. Decides nothing but what
 * is one.
 */

const ADDRESS = /^(?:\[[0-9a-f:.]+\]|[^\s:/[\]]+):(?<port>\d{1,5})$/i;
const PORT_MAX = 65_535;

/**
 * @param given a list, or one string with commas: `127.0.0.1:7400,127.0.0.1:7410`
 * @returns each address once, in the order given; at least one
 * @throws TypeError naming the one that is no `host:port`
 */
export function parseAddresses(given: string | readonly string[]): readonly string[] {
  if (typeof given !== 'string' && !Array.isArray(given))
    throw new TypeError('no addresses given; expected host:port, several with commas between or in an array');
  const addresses = (typeof given === 'string' ? given.split(',') : given)
    .map(address => address.trim())
    .filter(address => address !== '');
  if (addresses.length === 0)
    throw new TypeError('no address given; expected host:port, several with commas between');
  for (const address of addresses) checkAddress(address);
  return [...new Set(addresses)];
}

/**
 * Each client tries the nodes in an order of its own, so that those who leave a dead node do not all go to
 * the same next one.
 * @param fraction random, in [0, 1), anew with each call
 */
export function shuffled(addresses: readonly string[], fraction: () => number): readonly string[] {
  return addresses
    .map(address => ({ address, lot: fraction() }))
    .sort((a, b) => a.lot - b.lot)
    .map(({ address }) => address);
}

export function isAddress(address: string): boolean {
  const port = Number(ADDRESS.exec(address)?.groups?.port);
  return port >= 1 && port <= PORT_MAX;
}

function checkAddress(address: string): void {
  if (isAddress(address)) return;
  throw new TypeError(`'${address}' is no host:port (for example 127.0.0.1:7400 or [::1]:7400)`);
}
