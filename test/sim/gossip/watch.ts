/** Looks again and again at how all see all, and tells who was wronged and who changed their minds. */
import type { School } from './school.ts';

export interface Judged {
  /** Held for down by anybody at any look, though they were not gone. Sorted. */
  readonly wronged: readonly string[];
  /** How often somebody took another for suspect, by everybody's own count. */
  readonly suspected: number;
  /** How often any one's belief of one member changed, of all pairs the most. */
  readonly changesMax: number;
  /** The same, mean of all pairs. */
  readonly changes: number;
}

/** No belief that counts is shorter. */
const LOOK_MS = 50;

interface Pair {
  last: string;
  changes: number;
}

export class Watch {
  readonly #school: School;
  readonly #mayBeDown: readonly string[];
  readonly #wronged = new Set<string>();
  readonly #pairs = new Map<string, Pair>();
  readonly #suspectedBefore: number;
  #isOver = false;

  constructor(school: School, mayBeDown: readonly string[]) {
    this.#school = school;
    this.#mayBeDown = mayBeDown;
    this.#suspectedBefore = school.counted('member.suspected');
    this.#look();
  }

  end(): Judged {
    this.#isOver = true;
    const changes = [...this.#pairs.values()].map(pair => pair.changes);
    return {
      wronged: [...this.#wronged].sort(),
      suspected: this.#school.counted('member.suspected') - this.#suspectedBefore,
      changesMax: Math.max(...changes),
      changes: changes.reduce((sum, each) => sum + each, 0) / changes.length,
    };
  }

  #look(): void {
    if (this.#isOver) return;
    for (const { observer, member } of this.#school.sights()) {
      const { name, state } = member;
      this.#note(`${observer} of ${name}`, state);
      if (state === 'down' && !this.#mayBeDown.includes(name)) this.#wronged.add(name);
    }
    this.#school.cluster.world.after(LOOK_MS, () => this.#look());
  }

  #note(pair: string, state: string): void {
    const known = this.#pairs.get(pair);
    if (known === undefined) this.#pairs.set(pair, { last: state, changes: 0 });
    else if (known.last !== state) {
      known.last = state;
      known.changes += 1;
    }
  }
}
