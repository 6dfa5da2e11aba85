/** Another member to gossip with, over its line (src/ports/gossip.ts). */
import { asBuffer } from '../base/bytes.ts';
import type { NodeName } from '../base/ids.ts';
import type { Call } from '../ports/call.ts';
import type { Gossip, Gossiper } from '../ports/gossip.ts';
import { gossipMessage, readGossip } from '../wire/gossip.ts';
import type { PeerLine } from './peer-line.ts';
import { replicaFailed, understood } from './remote-replica.ts';

export class RemoteGossiper implements Gossiper {
  readonly #line: PeerLine;
  readonly #stamp: () => Uint8Array;

  /** @param stamp encoded */
  constructor(line: PeerLine, stamp: () => Uint8Array) {
    this.#line = line;
    this.#stamp = stamp;
  }

  async gossip(said: Gossip, call: Call): Promise<Gossip> {
    const message = { stamp: asBuffer(this.#stamp()), gossip: gossipMessage(said) };
    const reply = await this.#line.ask(this.#line.protocol.Gossip, message, call).catch(replicaFailed);
    return understood(readGossip(reply.gossip));
  }

  async probe(target: NodeName, call: Call): Promise<boolean> {
    const message = { stamp: asBuffer(this.#stamp()), target };
    const { answers } = await this.#line.ask(this.#line.protocol.Probe, message, call).catch(replicaFailed);
    return answers;
  }
}
