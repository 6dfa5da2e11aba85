/** The other nodes, and this one, by name. */
import type { NodeName } from '../base/ids.ts';
import type { Replica } from './replica.ts';
import type { Requests } from './requests.ts';

export interface Peers {
  /** The share of data on that node; this node's own is reached by a loopback. */
  replica(node: NodeName): Replica;
  /** The coordinator on that node: a request handed on to it is not handed on again. */
  coordinator(node: NodeName): Requests;
  /** Whether that node is believed to answer. This node always is. */
  reachable(node: NodeName): boolean;
}
