/**
 * What this node says when it greets, and when it is greeted (ports/meeting). The ring goes only to those who
 * are not known to have it (ring-holders); of the other side it tells what is remembered of its store and its
 * incarnation (M6), and what else it is believed to be (M7). Learns nothing.
 */
import type { Incarnation } from '../base/ids.ts';
import {
  type Cluster,
  type ClusterName,
  type Founder,
  type Member,
  nameOfCluster,
  namesSame,
} from '../core/membership/cluster.ts';
import type { Greeting, StoreProgress } from '../ports/meeting.ts';
import type { Acquaintances } from './acquaintances.ts';
import type { Birth } from './birth.ts';

export interface GreetingsParts {
  readonly self: Member;
  readonly founder: Founder;
  readonly acquaintances: Acquaintances;
  /** What is agreed on so far. */
  readonly birth: Pick<Birth, 'met' | 'expect' | 'vote'>;
  readonly cluster: () => Cluster | undefined;
  /** The highest counter held of an incarnation. */
  readonly highestCounter: (of: Incarnation) => number;
  /** The incarnation this node would like to keep, if it asks. */
  readonly claim: () => Incarnation | undefined;
  /** How far this node's store has come. */
  readonly store: () => StoreProgress;
}

export class Greetings {
  readonly #parts: GreetingsParts;

  constructor(parts: GreetingsParts) {
    this.#parts = parts;
  }

  /** @param heard the cluster that the other side was last heard to belong to */
  question(heard: ClusterName | undefined): Greeting {
    return { ...this.#about(heard), incarnation: this.#parts.claim() };
  }

  /** @param rememberedBatch of the other side's store */
  answer({ self, named, incarnation }: Greeting, rememberedBatch: number): Greeting {
    const highestCounter = incarnation === undefined ? 0 : this.#parts.highestCounter(incarnation);
    return { ...this.#about(named), ...this.#disputed(self), highestCounter, rememberedBatch };
  }

  #about(heard: ClusterName | undefined): Greeting {
    const { self, founder, acquaintances, birth, store } = this.#parts;
    const cluster = this.#parts.cluster();
    const met = birth.met();
    const named = cluster && nameOfCluster(cluster);
    return {
      self,
      version: acquaintances.self.version,
      disputedVersion: 0,
      disputedDown: false,
      expect: birth.expect,
      founder: met.length > 0 ? founder : undefined,
      members: acquaintances.all(),
      met,
      // Whoever has no cluster yet takes the ring, and nobody else asks how it came to be.
      vote: cluster === undefined ? birth.vote : undefined,
      named,
      cluster: namesSame(named, heard) ? undefined : cluster,
      incarnation: undefined,
      highestCounter: 0,
      store: store(),
      rememberedBatch: 0,
    };
  }

  #disputed(speaker: Member): Pick<Greeting, 'disputedVersion' | 'disputedDown'> {
    const { self, acquaintances } = this.#parts;
    const disputed = speaker.name === self.name ? undefined : acquaintances.disputed(speaker);
    return { disputedVersion: disputed?.version ?? 0, disputedDown: disputed?.state === 'down' };
  }
}
