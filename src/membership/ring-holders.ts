/**
 * Who is known to have which ring, by address: a greeting there need only name it. The ring with every
 * heartbeat was most of what an idle cluster cost. What is taken for known may be wrong, and mends itself:
 *
 * 1. n2 loses its disk and starts again where it was; 2. n1 names the cluster there, without the ring; 3. n2
 * cannot tell whether it has a
 * place in it, does not listen, and answers that it belongs to none; 4. n1 greets it once more, and brings
 * the ring.
 *
 * An answer that did not come may have been that one: so whoever does not answer is not known to have
 * anything.
 */
import { type ClusterName, namesSame } from '../core/membership/cluster.ts';
import type { Exchange } from './greeter.ts';

export class RingHolders {
  readonly #named = new Map<string, ClusterName>();

  /**
   * The cluster that was last named at this address; undefined if none was, or none since a greeting went
   * unanswered.
   */
  at(address: string): ClusterName | undefined {
    return this.#named.get(address);
  }

  /** True if the greeting should have brought the ring, and did not. */
  answered({ address, asked, answer }: Exchange): boolean {
    if (answer.named === undefined) this.#named.delete(address);
    else this.#named.set(address, answer.named);
    const onlyNamed = asked.named !== undefined && asked.cluster === undefined;
    return onlyNamed && !namesSame(asked.named, answer.named);
  }

  unanswered(address: string): void {
    this.#named.delete(address);
  }
}
