/** What nodes have counted between two moments, also when some of them were started anew between. */
import type { ClusterStatus } from '../../src/client/cluster-status.ts';
import { statuses } from '../stage/watch.ts';

export class Counts {
  readonly #addresses: readonly string[];
  readonly #before: ReadonlyMap<string, ClusterStatus>;

  private constructor(addresses: readonly string[], before: readonly ClusterStatus[]) {
    this.#addresses = addresses;
    this.#before = new Map(before.map(status => [status.node, status]));
  }

  /** @param from those that are there now: what others count is counted from their start */
  static async since(addresses: readonly string[], from = addresses): Promise<Counts> {
    return new Counts(addresses, await statuses(from));
  }

  /** Of all nodes together, by name. */
  async now(): Promise<(name: string) => number> {
    const all = await statuses(this.#addresses);
    return name =>
      all.reduce((sum, { node, counters }) => {
        const before = this.#before.get(node)?.counters[name] ?? 0;
        return sum + (counters[name] ?? 0) - before;
      }, 0);
  }
}
