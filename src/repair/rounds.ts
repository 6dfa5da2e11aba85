/**
 * What replays and departures have in common: the ways to nodes, and how a round begins and ends. After each
 * comes the next look: at once for what it made room for, later for what has to rest.
 */
import { passOnBugs } from '../base/assert.ts';
import type { NodeName } from '../base/ids.ts';
import type { Course } from './course.ts';
import type { HandoffParts } from './handoff-parts.ts';
import type { Lane } from './lane.ts';

export interface RoundsParts extends HandoffParts {
  readonly look: () => void;
}

export interface Running {
  readonly course: Course;
  readonly lanes: readonly Lane[];
  readonly round: Promise<void>;
  /** How much it got done. */
  readonly done: () => number;
}

export class Rounds {
  readonly #parts: RoundsParts;
  #stopped = false;

  constructor(parts: RoundsParts) {
    this.#parts = parts;
  }

  /** Nothing is begun any more, nor removed: the store may be about to close, or its disk has failed. */
  get ended(): boolean {
    return this.#stopped || this.#parts.holdings.faulted;
  }

  stop(): void {
    this.#stopped = true;
  }

  lane(target: NodeName): Lane {
    return this.#parts.lanes.to(target);
  }

  run({ course, lanes, round, done }: Running): void {
    const { clock, look } = this.#parts;
    course.begin();
    void round
      .catch(error => passOnBugs(error))
      .then(() => {
        const restMs = Math.max(...lanes.map(lane => lane.restMs));
        course.end({ done: done(), failed: restMs > 0 });
        if (restMs === 0) look();
        else clock.after(restMs, look);
      });
  }
}
