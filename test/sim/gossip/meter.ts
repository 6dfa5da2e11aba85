/** What nodes say to each other, by kind and speaker: messages and encoded bytes, without frames. */
import type { Network } from '../network/network.ts';

/** What grows with nothing but membership. */
export const KINDS = ['Gossip', 'Probe', 'Meet'] as const;

/** Of one node in one second. */
export interface Rate {
  readonly messages: number;
  readonly bytes: number;
}

/** By kind, and all of them; mean of the nodes. */
export type Rates = Readonly<Record<(typeof KINDS)[number] | 'all', Rate>> & {
  /** Of the node that says most. */
  readonly bytesMax: number;
};

interface Sum {
  messages: number;
  bytes: number;
}

export class Meter {
  #sums = new Map<string, Sum>();

  constructor(network: Network) {
    network.onCarried(({ from, method, bytes }) => {
      const sum = this.#sum(from, method);
      sum.messages += 1;
      sum.bytes += bytes;
    });
  }

  /** From now on. */
  reset(): void {
    this.#sums.clear();
  }

  /** Since the last reset. */
  rates(nodes: readonly string[], ms: number): Rates {
    const per = 1_000 / ms;
    const mean = (sums: readonly Sum[]): Rate => ({
      messages: (per * total(sums, 'messages')) / nodes.length,
      bytes: (per * total(sums, 'bytes')) / nodes.length,
    });
    const of = (node: string) => KINDS.map(kind => this.#sum(node, kind));
    const byKind = (kind: string) => mean(nodes.map(node => this.#sum(node, kind)));
    return {
      Gossip: byKind('Gossip'),
      Probe: byKind('Probe'),
      Meet: byKind('Meet'),
      all: mean(nodes.flatMap(of)),
      bytesMax: per * Math.max(...nodes.map(node => total(of(node), 'bytes'))),
    };
  }

  #sum(node: string, method: string): Sum {
    const name = `${node} ${method}`;
    const sum = this.#sums.get(name) ?? { messages: 0, bytes: 0 };
    this.#sums.set(name, sum);
    return sum;
  }
}

function total(sums: readonly Sum[], of: keyof Sum): number {
  return sums.reduce((all, sum) => all + sum[of], 0);
}
