/**
 * All nodes as the engines of this one reach them: itself by a loopback that hands objects over, the others
 * through the shell. Decides whom to ask: nobody who is gone by all that is known, nor, of the others, who
 * owes answers and is silent just now.
 */
import type { NodeName } from '../base/ids.ts';
import type { Acquaintances } from '../membership/acquaintances.ts';
import type { Comparisons } from '../ports/comparisons.ts';
import type { Peers, Remotes } from '../ports/peers.ts';
import type { Replica } from '../ports/replica.ts';
import type { Requests } from '../ports/requests.ts';

export interface PeersAndSelfParts {
  readonly self: NodeName;
  readonly own: {
    readonly replica: Replica;
    readonly comparisons: Comparisons;
    readonly coordinator: () => Requests;
  };
  readonly remotes: Remotes;
  readonly acquaintances: Acquaintances;
}

export class PeersAndSelf implements Peers {
  readonly #parts: PeersAndSelfParts;

  constructor(parts: PeersAndSelfParts) {
    this.#parts = parts;
  }

  replica(name: NodeName): Replica {
    const { self, own, remotes } = this.#parts;
    return name === self ? own.replica : remotes.replica(name);
  }

  coordinator(name: NodeName): Requests {
    const { self, own, remotes } = this.#parts;
    return name === self ? own.coordinator() : remotes.coordinator(name);
  }

  comparisons(name: NodeName): Comparisons {
    const { self, own, remotes } = this.#parts;
    return name === self ? own.comparisons : remotes.comparisons(name);
  }

  reachable(name: NodeName): boolean {
    const { self, remotes, acquaintances } = this.#parts;
    return acquaintances.reachable(name) && (name === self || !remotes.suspect(name));
  }
}
