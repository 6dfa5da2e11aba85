/**
 * Whom what it missed is brought to now: every node that is owed something and can be reached, one round at a
 * time for each (repair/replay). For one that cannot be reached the notes are reviewed (repair/expiry).
 */
import type { NodeName } from '../base/ids.ts';
import type { Ring } from '../core/ring/ring.ts';
import { Course } from './course.ts';
import { Expiry } from './expiry.ts';
import type { HandoffParts } from './handoff-parts.ts';
import { ProgressLog } from './progress-log.ts';
import { Replay } from './replay.ts';
import type { Rounds } from './rounds.ts';

interface Work {
  readonly course: Course;
  readonly progress: ProgressLog;
}

export class Replays {
  readonly #parts: HandoffParts;
  readonly #rounds: Rounds;
  readonly #expiry: Expiry;
  readonly #works = new Map<NodeName, Work>();

  constructor(parts: HandoffParts, rounds: Rounds) {
    this.#parts = parts;
    this.#rounds = rounds;
    this.#expiry = new Expiry(parts);
  }

  /** That node is back. */
  wake(node: NodeName): void {
    this.#works.get(node)?.course.wake();
  }

  begin(ring: Ring): void {
    this.#expiry.look();
    for (const target of this.#parts.holdings.targets()) {
      if (this.#rounds.lane(target).open) this.#replay(target, ring);
      else this.#expiry.review({ target, ring, ended: () => this.#rounds.ended });
    }
  }

  #replay(target: NodeName, ring: Ring): void {
    const { course, progress } = this.#work(target);
    if (!course.free) return;
    const lane = this.#rounds.lane(target);
    let served = 0;
    const replay = new Replay(this.#parts, {
      target,
      ring,
      lane,
      course,
      ended: () => this.#rounds.ended,
      onServed: count => {
        served += count;
        progress.add(count);
      },
    });
    this.#rounds.run({ course, lanes: [lane], round: replay.run(), done: () => served });
  }

  #work(target: NodeName): Work {
    const known = this.#works.get(target);
    if (known !== undefined) return known;
    const { clock, holdings } = this.#parts;
    const left = () => holdings.owed(target, clock.wall()).count;
    const progress = new ProgressLog(this.#parts, { facts: { to: target }, left });
    const work = { course: new Course(clock), progress };
    this.#works.set(target, work);
    return work;
  }
}
