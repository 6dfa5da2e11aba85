/**
 * What another node answers to comparisons, over its line: the very failures of a loopback
 * (test/contract/comparisons.contract.ts). An answer about anything but what was asked is `lost`.
 */
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Call } from '../ports/call.ts';
import type {
  Comparisons,
  PartitionSum,
  SegmentDifference,
  SegmentDigests,
  SumsReply,
  TreeNodes,
} from '../ports/comparisons.ts';
import type { Located } from '../ports/replica.ts';
import {
  nodesRequestMessage,
  readNodesReply,
  readSumsReply,
  sumsRequestMessage,
} from '../wire/comparison-messages.ts';
import {
  fetchRequestMessage,
  keysRequestMessage,
  readFetchReply,
  readKeysReply,
} from '../wire/difference-messages.ts';
import type { PeerLine } from './peer-line.ts';
import { replicaFailed, understood } from './remote-replica.ts';

export class RemoteComparisons implements Comparisons {
  readonly #line: PeerLine;
  readonly #stamp: () => Uint8Array;

  /** @param stamp encoded */
  constructor(line: PeerLine, stamp: () => Uint8Array) {
    this.#line = line;
    this.#stamp = stamp;
  }

  async sums(mine: readonly PartitionSum[], call: Call): Promise<SumsReply> {
    const message = sumsRequestMessage(mine, this.#stamp());
    const reply = await this.#line.ask(this.#line.protocol.CompareSums, message, call).catch(replicaFailed);
    return understood(readSumsReply(reply, mine));
  }

  async nodes(mine: readonly TreeNodes[], call: Call): Promise<readonly TreeNodes[]> {
    const message = nodesRequestMessage(mine, this.#stamp());
    const reply = await this.#line.ask(this.#line.protocol.CompareNodes, message, call).catch(replicaFailed);
    return understood(readNodesReply(reply, mine));
  }

  async keys(mine: readonly SegmentDigests[], call: Call): Promise<readonly SegmentDifference[]> {
    const message = keysRequestMessage(mine, this.#stamp());
    const reply = await this.#line.ask(this.#line.protocol.CompareKeys, message, call).catch(replicaFailed);
    return understood(readKeysReply(reply, mine));
  }

  async records(places: readonly KeyPlace[], call: Call): Promise<readonly (Located | undefined)[]> {
    const message = fetchRequestMessage(places, this.#stamp());
    const reply = await this.#line.ask(this.#line.protocol.Fetch, message, call).catch(replicaFailed);
    return understood(readFetchReply(reply, places));
  }
}
