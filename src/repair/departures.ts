/**
 * Which partitions that this node does not own leave now (repair/foreign): those whose owners can all be
 * reached, without waiting until no notes are replayed to them: under steady misses that never is (TRAPS H3).
 */
import type { NodeName, Partition } from '../base/ids.ts';
import { preferenceList, type Ring } from '../core/ring/ring.ts';
import { Course } from './course.ts';
import { sendAway } from './foreign.ts';
import type { HandoffParts } from './handoff-parts.ts';
import { ProgressLog } from './progress-log.ts';
import type { Rounds } from './rounds.ts';

/** Partitions under way at once, and so many of them with any one owner: a slow one leaves others room. */
const PARTITIONS_MAX = 8;
const PARTITIONS_PER_OWNER_MAX = 2;

export class Departures {
  readonly #parts: HandoffParts;
  readonly #rounds: Rounds;
  readonly #courses = new Map<Partition, Course>();
  readonly #progress: ProgressLog;

  constructor(parts: HandoffParts, rounds: Rounds) {
    this.#parts = parts;
    this.#rounds = rounds;
    this.#progress = new ProgressLog(parts, {
      facts: { to: 'their owners' },
      left: () => parts.holdings.recordsWhere(partition => this.#isForeign(partition)),
    });
  }

  /** Some node is back. */
  wake(): void {
    for (const course of this.#courses.values()) course.wake();
  }

  begin(ring: Ring): void {
    for (const partition of this.#parts.holdings.partitionsWithRows()) {
      if (!this.#isForeign(partition) || !this.#course(partition).free) continue;
      const { primaries } = preferenceList(ring, partition);
      const areOpen = primaries.every(owner => this.#rounds.lane(owner).open);
      if (areOpen && this.#hasRoomFor(primaries, ring)) this.#depart(partition, primaries);
    }
  }

  #depart(partition: Partition, owners: readonly NodeName[]): void {
    const course = this.#course(partition);
    const lanes = owners.map(owner => this.#rounds.lane(owner));
    let dropped = 0;
    const departure = {
      partition,
      course,
      lanes,
      ended: () => this.#rounds.ended,
      onDropped: (count: number) => {
        dropped += count;
        this.#progress.add(count);
      },
    };
    const round = sendAway(departure, this.#parts);
    this.#rounds.run({ course, lanes, round, done: () => dropped });
  }

  #isForeign(partition: Partition): boolean {
    const ring = this.#parts.ring();
    return ring !== undefined && !preferenceList(ring, partition).primaries.includes(this.#parts.self);
  }

  #hasRoomFor(owners: readonly NodeName[], ring: Ring): boolean {
    const busy = [...this.#courses].filter(([, course]) => course.underWay);
    if (busy.length >= PARTITIONS_MAX) return false;
    const lists = busy.map(([partition]) => preferenceList(ring, partition).primaries);
    return owners.every(
      owner => lists.filter(list => list.includes(owner)).length < PARTITIONS_PER_OWNER_MAX,
    );
  }

  #course(partition: Partition): Course {
    const known = this.#courses.get(partition);
    if (known !== undefined) return known;
    const course = new Course(this.#parts.clock);
    this.#courses.set(partition, course);
    return course;
  }
}
