/**
 * Which news a node passes on with its next gossip: what it was told last, each a bounded number of times,
 * those told least first (SWIM §4.1). A message carries a few, so its size does not grow with the cluster;
 * some 3 × log2 n tellings by each who hears of it reach everybody with all but certainty, and what is missed
 * all the same shows in the digests (view). Knows names only: what is told of them is what is known when it
 * is told.
 */
import { compareText } from '../../base/bytes.ts';
import type { NodeName } from '../../base/ids.ts';

/** In one message. */
export const RUMOURS_MAX = 8;
const TELLINGS = 3;

export class Rumours {
  /** How often each was told. */
  readonly #told = new Map<NodeName, number>();

  /** There is something new to tell of this member. */
  add(name: NodeName): void {
    this.#told.set(name, 0);
  }

  /** Of whom to tell now. @param members how many there are */
  take(members: number): readonly NodeName[] {
    const chosen = [...this.#told]
      .sort(([a, told], [b, toldToo]) => told - toldToo || compareText(a, b))
      .slice(0, RUMOURS_MAX)
      .map(([name]) => name);
    for (const name of chosen) this.#tell(name, TELLINGS * Math.ceil(Math.log2(members + 1)));
    return chosen;
  }

  #tell(name: NodeName, times: number): void {
    const told = (this.#told.get(name) ?? 0) + 1;
    if (told >= times) this.#told.delete(name);
    else this.#told.set(name, told);
  }
}
