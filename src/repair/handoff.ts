/**
 * Brings to other nodes what this one keeps for them, hints and foreign records alike (DESIGN §7): one round
 * at a time for each target (repair/replay) and for each partition not owned (repair/foreign), as soon as
 * they can be reached. Looks at once when a node is back, and once a second besides, so that nothing depends
 * on a piece of news, or on what happened before a restart (TRAPS H2).
 *
 * How fast is core/overload/yielding's to say. What a round could not get done, the next one does: nothing is
 * given up, and nothing waits for what fails. Ends when the node drains or its disk fails; never throws.
 */
import { passOnBugs } from '../base/assert.ts';
import type { NodeName, Partition } from '../base/ids.ts';
import { preferenceList, type Ring } from '../core/ring/ring.ts';
import { Course } from './course.ts';
import { Courtesy } from './courtesy.ts';
import { Expiry } from './expiry.ts';
import { sendAway } from './foreign.ts';
import type { HandoffParts } from './handoff-parts.ts';
import { Lane } from './lane.ts';
import { ProgressLog } from './progress-log.ts';
import { Replay } from './replay.ts';

/** Half as much more or less, by chance: nodes do not beat together. */
const LOOK_MS = 1_000;
/** Partitions under way at once, and so many of them with any one owner: a slow one leaves others room. */
const PARTITIONS_MAX = 8;
const PARTITIONS_PER_OWNER_MAX = 2;
interface Running {
  readonly course: Course;
  readonly lanes: readonly Lane[];
  readonly round: Promise<void>;
}

interface Work {
  readonly course: Course;
  readonly progress: ProgressLog;
}

export class Handoff {
  readonly #parts: HandoffParts;
  readonly #courtesy: Courtesy;
  readonly #expiry: Expiry;
  readonly #lanes = new Map<NodeName, Lane>();
  readonly #replays = new Map<NodeName, Work>();
  readonly #departures = new Map<Partition, Course>();
  readonly #foreign: ProgressLog;
  #started = false;
  #stopped = false;

  constructor(parts: HandoffParts) {
    this.#parts = parts;
    this.#courtesy = new Courtesy(parts.clock);
    this.#expiry = new Expiry(parts);
    this.#foreign = new ProgressLog(parts, {
      facts: { to: 'their owners' },
      left: () => parts.holdings.recordsWhere(partition => this.#isForeign(partition)),
    });
  }

  /** From now on; the ring is known. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#lookOn();
  }

  stop(): void {
    this.#stopped = true;
  }

  /** That node is back: what is owed to it is sent at once. */
  wake(node: NodeName): void {
    this.#lane(node).wake();
    this.#replays.get(node)?.course.wake();
    for (const course of this.#departures.values()) course.wake();
    if (this.#started) this.#look();
  }

  /** Something is being handed off: then it matters how long clients wait. */
  get active(): boolean {
    return this.#courtesy.active;
  }

  /** A client asks something. */
  asked(): void {
    this.#courtesy.asked();
  }

  /** A client's request ended after so long. */
  served(ms: number): void {
    this.#courtesy.served(ms);
  }

  get #ended(): boolean {
    return this.#stopped || this.#parts.holdings.faulted;
  }

  #lookOn(): void {
    if (this.#ended) return;
    this.#look();
    const { clock, random } = this.#parts;
    clock.after(LOOK_MS * (0.5 + random.fraction()), () => this.#lookOn());
  }

  #look(): void {
    const ring = this.#parts.ring();
    if (ring === undefined || this.#ended) return;
    this.#expiry.look();
    for (const target of this.#parts.holdings.targets()) this.#replay(target, ring);
    this.#sendForeign(ring);
  }

  #replay(target: NodeName, ring: Ring): void {
    const lane = this.#lane(target);
    if (!lane.open) {
      this.#expiry.review({ target, ring, ended: () => this.#ended });
      return;
    }
    const { course, progress } = this.#work(target);
    if (!course.free) return;
    let served = 0;
    const round = new Replay(this.#parts, {
      target,
      ring,
      lane,
      course,
      ended: () => this.#ended,
      onServed: count => {
        served += count;
        progress.add(count);
      },
    });
    this.#run({ course, lanes: [lane], round: round.run() }, () => served);
  }

  #sendForeign(ring: Ring): void {
    for (const partition of this.#parts.holdings.partitionsWithRows()) {
      if (!this.#isForeign(partition)) continue;
      const { primaries } = preferenceList(ring, partition);
      const course = this.#course(partition);
      if (!course.free || !this.#areOpen(primaries) || !this.#hasRoomFor(primaries, ring)) continue;
      let dropped = 0;
      const lanes = primaries.map(owner => this.#lane(owner));
      const departure = {
        partition,
        course,
        lanes,
        ended: () => this.#ended,
        onDropped: (count: number) => {
          dropped += count;
          this.#foreign.add(count);
        },
      };
      this.#run({ course, lanes, round: sendAway(departure, this.#parts) }, () => dropped);
    }
  }

  /** One round, and then the next look: at once for what it made room for, later for what has to rest. */
  #run({ course, lanes, round }: Running, done: () => number): void {
    course.begin();
    void round
      .catch(error => passOnBugs(error))
      .then(() => {
        const restMs = Math.max(...lanes.map(lane => lane.restMs));
        course.end({ done: done(), failed: restMs > 0 });
        if (restMs === 0) this.#look();
        else this.#parts.clock.after(restMs, () => this.#look());
      });
  }

  #isForeign(partition: Partition): boolean {
    const ring = this.#parts.ring();
    return ring !== undefined && !preferenceList(ring, partition).primaries.includes(this.#parts.self);
  }

  /** Not so that no notes are being replayed to them: under steady misses that never is (TRAPS H3). */
  #areOpen(owners: readonly NodeName[]): boolean {
    return owners.every(owner => this.#lane(owner).open);
  }

  #hasRoomFor(owners: readonly NodeName[], ring: Ring): boolean {
    const busy = [...this.#departures].filter(([, course]) => course.underWay);
    if (busy.length >= PARTITIONS_MAX) return false;
    const lists = busy.map(([partition]) => preferenceList(ring, partition).primaries);
    return owners.every(
      owner => lists.filter(list => list.includes(owner)).length < PARTITIONS_PER_OWNER_MAX,
    );
  }

  #lane(target: NodeName): Lane {
    const known = this.#lanes.get(target);
    if (known !== undefined) return known;
    const lane = new Lane({ ...this.#parts, target, courtesy: this.#courtesy });
    this.#lanes.set(target, lane);
    return lane;
  }

  #work(target: NodeName): Work {
    const known = this.#replays.get(target);
    if (known !== undefined) return known;
    const { clock, holdings } = this.#parts;
    const left = () => holdings.owed(target, clock.wall()).count;
    const progress = new ProgressLog(this.#parts, { facts: { to: target }, left });
    const work = { course: new Course(clock), progress };
    this.#replays.set(target, work);
    return work;
  }

  #course(partition: Partition): Course {
    const known = this.#departures.get(partition);
    if (known !== undefined) return known;
    const course = new Course(this.#parts.clock);
    this.#departures.set(partition, course);
    return course;
  }
}
