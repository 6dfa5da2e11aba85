/**
 * Nobody changes its mind without cause (L2; TRAPS R12): as long as nothing changes, no fault, no start and
 * no end, a node may call another one down once, and once find that it is not: what is one more is flapping.
 * Weather is chance, and nothing is held to it.
 */
import { type Oracle, type Sights, Violation } from '../oracle.ts';
import type { View } from '../view.ts';

const CHANGES_MAX = 2;

export class Steady implements Oracle {
  readonly #view: View;
  /** By observer and member: what was last seen, and how often that has changed. */
  readonly #opinions = new Map<string, { readonly down: boolean; readonly changes: number }>();
  #changes = -1;

  constructor(view: View) {
    this.#view = view;
  }

  looked(sights: Sights): void {
    const { changes, isStormy } = this.#view;
    if (changes !== this.#changes || isStormy) this.#opinions.clear();
    this.#changes = changes;
    for (const [observer, members] of sights) {
      for (const { name, state } of members) this.#look({ observer, member: name, down: state === 'down' });
    }
  }

  #look({ observer, member, down }: { observer: string; member: string; down: boolean }): void {
    const name = `${observer} ${member}`;
    const known = this.#opinions.get(name);
    const changes = (known?.changes ?? 0) + (known !== undefined && known.down !== down ? 1 : 0);
    this.#opinions.set(name, { down, changes });
    if (changes <= CHANGES_MAX) return;
    throw new Violation('L2', `${observer} changes its mind about ${member} again and again`);
  }
}
