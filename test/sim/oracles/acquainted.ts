/**
 * Nodes are right about each other, but for a while (L2): whoever is well is up for whoever is well, as long
 * as nothing lies between the two; and whoever is gone is up for nobody, once nothing else has changed for a
 * while. For how long they may be wrong is stated here; how fast they are when all is well is measured
 * elsewhere.
 */
import { type Oracle, type Sights, Violation } from '../oracle.ts';
import type { View } from '../view.ts';

/** To be met, and believed, though others cannot reach it and say so. */
const UP_MS_MAX = 5_000;
/** To be asked in turn and in vain, asked again through others, and suspected for as long as it takes. */
const GONE_MS_MAX = 10_000;

export class Acquainted implements Oracle {
  readonly #view: View;
  /** By observer and member: since when the one has been wrong about the other. */
  readonly #wrongSince = new Map<string, number>();
  /** By member: since when it has been gone. */
  readonly #goneSince = new Map<string, number>();
  #changes = -1;
  #changedAt = 0;

  constructor(view: View) {
    this.#view = view;
  }

  looked(sights: Sights): void {
    this.#noteChanges();
    for (const node of this.#view.nodes) this.#noteGone(node);
    this.#forgetAbsent(sights);
    for (const [observer, members] of sights) {
      for (const { name, up, state } of members) {
        if (name === observer) continue;
        this.#checkUp({ observer, member: name, up });
        this.#checkGone({ observer, member: name, up: up || state === 'alive' || state === 'suspect' });
      }
    }
  }

  #noteChanges(): void {
    const { changes, now } = this.#view;
    if (changes !== this.#changes) this.#changedAt = now;
    this.#changes = changes;
  }

  #noteGone(node: string): void {
    if (this.#view.isGone(node)) this.#goneSince.set(node, this.#goneSince.get(node) ?? this.#view.now);
    else this.#goneSince.delete(node);
  }

  /** Who stood still meanwhile has seen nothing, and begins anew. */
  #forgetAbsent(sights: Sights): void {
    for (const name of this.#wrongSince.keys()) {
      const [observer] = name.split(' ');
      if (!sights.has(observer!)) this.#wrongSince.delete(name);
    }
  }

  #checkUp({ observer, member, up }: Opinion): void {
    const name = `${observer} ${member}`;
    const ways = [
      { from: observer, to: member },
      { from: member, to: observer },
    ];
    if (up || !this.#view.isWell(member) || !this.#view.isClear(ways)) {
      this.#wrongSince.delete(name);
      return;
    }
    const since = this.#wrongSince.get(name) ?? this.#view.now;
    this.#wrongSince.set(name, since);
    if (this.#view.now - since <= UP_MS_MAX) return;
    throw new Violation('L2', `${member} is well, nothing is between, and ${observer} takes it for gone`);
  }

  #checkGone({ observer, member, up }: Opinion): void {
    const goneSince = this.#goneSince.get(member);
    if (!up || goneSince === undefined) return;
    const ms = this.#view.now - Math.max(goneSince, this.#changedAt);
    if (ms > GONE_MS_MAX) throw new Violation('L2', `${member} is gone, and ${observer} takes it for alive`);
  }
}

interface Opinion {
  readonly observer: string;
  readonly member: string;
  readonly up: boolean;
}
