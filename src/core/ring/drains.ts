/**
 * Where the flows of the ring's table end: at nodes, each due a share that is rounded down or up, never
 * further.
 */
import { type Arc, Network } from './min-cost-flow.ts';
import type { Share } from './shares.ts';

/** A node in the network. */
export interface Drain {
  readonly vertex: number;
  readonly arc: Arc;
  readonly share: Share;
}

export function drainsOf(network: Network, shares: readonly Share[]): readonly Drain[] {
  return shares.map(share => {
    const vertex = network.vertex();
    return { vertex, share, arc: network.arc({ from: vertex, to: Network.sink, capacity: share.floor }) };
  });
}

/**
 * Fills the network, every node to the integer below its share before any to the one above; answers how much
 * it took. Two fillings, because a lower bound is not a capacity: with the upper ones alone a node that joins
 * might be given nothing.
 */
export function fillEvenly(network: Network, drains: readonly Drain[]): number {
  const first = network.fill();
  for (const { arc, share } of drains) network.widen(arc, share.ceiling - share.floor);
  return first + network.fill();
}
