/**
 * A whole cluster of the simulator to look at gossip in: who sees whom how, how long it takes until all see
 * it, what it costs. Founded by greetings, as any cluster is.
 */
import type { SeenMember } from '../../../src/ports/overview.ts';
import { SimCluster } from '../cluster.ts';
import type { Machine } from '../machine.ts';
import type { Way } from '../plan.ts';
import { World } from '../time/world.ts';
import { Trace } from '../trace.ts';
import { calmPlan } from './calm-plan.ts';
import { Meter, type Rates } from './meter.ts';

/** How one node sees one member. */
export interface Sight {
  readonly observer: string;
  readonly member: SeenMember;
}

/** When the first of some, and when all of them, saw what was waited for; ms from when it was asked. */
export interface Spread {
  readonly firstMs: number;
  readonly allMs: number;
}

const BIRTH_MS_MAX = 120_000;
const SPREAD_MS_MAX = 120_000;
/** How exactly times are told. */
const LOOK_MS = 20;

export class School {
  readonly cluster: SimCluster;
  readonly meter: Meter;
  #bug: Error | undefined;

  private constructor(shape: { readonly seed: number; readonly nodes: number }) {
    const world = new World(new Trace({ keep: false }));
    this.cluster = new SimCluster(calmPlan(shape), world, {
      onCommitted: () => {},
      onBug: bug => {
        this.#bug = bug;
      },
    });
    this.meter = new Meter(this.cluster.network);
  }

  /** Resolves when every node serves and sees every other one. */
  static async born(shape: { readonly seed: number; readonly nodes: number }): Promise<School> {
    const school = new School(shape);
    for (const machine of school.cluster.machines) machine.start();
    await school.until('it is born', () => school.cluster.coreIsUp, { ms: BIRTH_MS_MAX, lookMs: 500 });
    return school;
  }

  get names(): readonly string[] {
    return this.cluster.nodes;
  }

  get now(): number {
    return this.cluster.now;
  }

  machine(name: string): Machine {
    return this.cluster.machine(name);
  }

  others(...but: readonly string[]): readonly string[] {
    return this.names.filter(name => !but.includes(name));
  }

  /** Undefined while no process runs at the observer. */
  sight(observer: string, of: string): SeenMember | undefined {
    const members = this.cluster.running(observer)?.overview.status().members;
    return members?.find(({ name }) => name === of);
  }

  /** How all that run and do not stand still see all others. */
  sights(): readonly Sight[] {
    return [...this.cluster.sights].flatMap(([observer, members]) =>
      members
        .filter(({ name }) => name !== observer)
        .map(member => ({ observer, member: member as SeenMember })),
    );
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    await this.cluster.world.run({ until: () => this.#bug !== undefined, ms });
    if (this.#bug !== undefined) throw this.#bug;
  }

  /** Looks now and then. @throws when it does not come true in time */
  async until(
    what: string,
    holds: () => boolean,
    { ms = SPREAD_MS_MAX, lookMs = LOOK_MS }: { readonly ms?: number; readonly lookMs?: number } = {},
  ): Promise<void> {
    const end = this.now + ms;
    while (!holds()) {
      if (this.now >= end) throw new Error(`in vain awaited: ${what}`);
      await this.pass(lookMs);
    }
  }

  /** Waits until each of these sees that member so. */
  async spread(
    observers: readonly string[],
    { of, sees }: { readonly of: string; readonly sees: (member: SeenMember) => boolean },
  ): Promise<Spread> {
    const begun = this.now;
    let left = observers;
    let firstMs = Number.NaN;
    await this.until(`all know of ${of}`, () => {
      left = left.filter(observer => {
        const seen = this.sight(observer, of);
        return seen === undefined || !sees(seen);
      });
      if (Number.isNaN(firstMs) && left.length < observers.length) firstMs = this.now - begun;
      return left.length === 0;
    });
    return { firstMs, allMs: this.now - begun };
  }

  /** What is said in so long a time; nothing else happens. */
  async idle(ms: number): Promise<Rates> {
    this.meter.reset();
    await this.pass(ms);
    return this.meter.rates(this.names, ms);
  }

  /** Nothing gets through between these and those, in both directions. @returns what undoes it */
  cutOff(some: readonly string[], others: readonly string[]): () => void {
    return this.cluster.network.cut(some.flatMap(a => others.flatMap(b => bothWays(a, b))));
  }

  /** Of all nodes, their processes before included. */
  counted(metric: string): number {
    return this.cluster.counted(metric);
  }
}

function bothWays(a: string, b: string): readonly Way[] {
  return [
    { from: a, to: b },
    { from: b, to: a },
  ];
}
