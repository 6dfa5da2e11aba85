/**
 * One run: a cluster is born, clients work while faults happen (safety), then a core heals while the rest
 * stays broken, and the core must come back to life and agree within a bound (liveness), as TigerBeetle's
 * simulator has it. The same plan gives the same trace (I13).
 */
import { agreeAll } from './agreement.ts';
import { readAll } from './audit.ts';
import { Clients } from './clients.ts';
import type { SimCluster } from './cluster.ts';
import { Faults } from './faults/faults.ts';
import { heal } from './faults/healing.ts';
import { handOffAll } from './handing-off.ts';
import { Judge } from './judge.ts';
import { judgedCluster } from './judged.ts';
import { mendAll } from './mending.ts';
import { type Oracle, Violation } from './oracle.ts';
import type { Plan } from './plan.ts';
import { answersIn } from './reached.ts';
import { Recorder } from './recorder.ts';
import { World } from './time/world.ts';
import { type Line, type OnLine, Trace } from './trace.ts';

export interface RunResult {
  readonly seed: number;
  readonly traceHash: string;
  /** What was broken, if anything. */
  readonly violation: Violation | undefined;
  /** Empty unless they were asked for. */
  readonly lines: readonly Line[];
  readonly figures: Figures;
}

export interface LogOptions {
  readonly keepLog: boolean;
  readonly onLine?: OnLine;
}

export interface Figures {
  readonly simulatedMs: number;
  readonly operations: number;
  readonly acked: number;
  readonly messages: number;
  readonly events: number;
  readonly faults: Readonly<Record<string, number>>;
  /** How often each rare thing happened (reached.ts). */
  readonly reached: Readonly<Record<string, number>>;
}

/** The cluster must be born, and the core come back, within so much simulated time. */
const BIRTH_MS_MAX = 30_000;
const HEALING_MS_MAX = 60_000;
/**
 * What an answered call leaves to do goes on until its deadline: a late replica is replaced, a hint is
 * written.
 */
const LEFTOVER_MS = 3_500;
/** How often it is looked whether something has come true. */
const LOOK_MS = 100;
/** How often it is looked at how nodes see each other. */
const SIGHT_MS = 1_000;
/** Nothing is asked for so long; then nothing may have been repaired (I11). */
const IDLE_MS = 5_000;

/** Never rejects: whatever goes wrong is a violation. */
export async function runPlan(plan: Plan, options: LogOptions): Promise<RunResult> {
  const run = new Run(plan, options);
  const violation = await run.judged();
  return {
    seed: plan.seed,
    traceHash: run.trace.hash,
    violation,
    lines: run.trace.lines,
    figures: run.figures,
  };
}

class Run {
  readonly trace: Trace;
  readonly #plan: Plan;
  readonly #world: World;
  readonly #judge: Judge;
  readonly #oracles: readonly Oracle[];
  readonly #cluster: SimCluster;
  readonly #recorder: Recorder;
  readonly #faults: Faults;
  readonly #clients: Clients;

  constructor(plan: Plan, { keepLog, onLine }: LogOptions) {
    this.#plan = plan;
    this.trace = new Trace({ keep: keepLog, onLine });
    this.#world = new World(this.trace);
    this.#judge = new Judge(this.#world);
    const { cluster, oracles } = judgedCluster(plan, { world: this.#world, judge: this.#judge });
    this.#cluster = cluster;
    this.#oracles = oracles;
    const told = [this.#judge.guarded(oracles), answersIn(cluster.reached)];
    this.#recorder = new Recorder(this.#world, told);
    cluster.handOns.onBeside((write, node) => {
      cluster.reached.count('put: handed on to two at once');
      this.#recorder.handedOnBeside(write, node);
    });
    this.#faults = new Faults(cluster, { plan, oracles });
    this.#clients = new Clients({ plan, cluster, recorder: this.#recorder });
  }

  get figures(): Figures {
    return {
      simulatedMs: this.#world.now,
      operations: this.#recorder.count,
      acked: this.#recorder.acked,
      messages: this.#cluster.network.calls,
      events: this.#world.fired,
      faults: this.#faults.done,
      reached: this.#cluster.everReached,
    };
  }

  /** Undefined when all held. */
  async judged(): Promise<Violation | undefined> {
    await this.#judge.during(() => this.#live());
    return this.#judge.violation;
  }

  async #live(): Promise<void> {
    for (const machine of this.#cluster.machines) machine.start();
    this.#look();
    if (this.#plan.calmBirth) await this.#born();
    await this.#suffer();
    if (this.#cluster.isBorn) this.#countBirth();
    else await this.#bornAfterAll();
    heal(this.#cluster, this.#plan);
    await this.#until('the core serves again', () => this.#coreIsWell, HEALING_MS_MAX);
    await this.#until('every call has ended', () => this.#recorder.open === 0, HEALING_MS_MAX);
    await this.#pass(LEFTOVER_MS);
    await this.#comeTogether();
    for (const oracle of this.#oracles) await this.#done(Promise.resolve(oracle.converged?.()));
    await this.#audit();
    await this.#pass(IDLE_MS);
    for (const oracle of this.#oracles) await oracle.idled?.();
    await this.#stopAll();
    for (const oracle of this.#oracles) await oracle.over?.();
  }

  /** Now and once a second from now on. */
  #look(): void {
    const { sights } = this.#cluster;
    for (const oracle of this.#oracles) this.#judge.guard(() => oracle.looked?.(sights));
    this.#world.after(SIGHT_MS, () => this.#look());
  }

  async #born(): Promise<void> {
    await this.#until('the cluster is born', () => this.#cluster.coreIsUp, BIRTH_MS_MAX);
  }

  #countBirth(): void {
    if (!this.#plan.calmBirth) this.#cluster.reached.count('birth: under faults');
  }

  /** A founder that stays away keeps all others from being born: nobody is cast out before. */
  async #bornAfterAll(): Promise<void> {
    this.#cluster.reached.count('birth: after all faults');
    heal(this.#cluster, { ...this.#plan, outcasts: [] });
    await this.#born();
  }

  /** Clients work while faults happen. */
  async #suffer(): Promise<void> {
    const { workload } = this.#clients;
    this.#faults.schedule();
    workload.start();
    await this.#pass(this.#plan.safetyMs - this.#world.now);
    workload.stop();
    this.#faults.end();
  }

  /** Up, and over its losses. */
  get #coreIsWell(): boolean {
    return this.#cluster.coreIsUp && this.#cluster.core.every(name => !this.#cluster.isRecovering(name));
  }

  /** By whatever brings owners together, but no client asks for anything. */
  async #comeTogether(): Promise<void> {
    const cluster = this.#cluster;
    const pass = (ms: number) => this.#pass(ms);
    await handOffAll(cluster, pass);
    await mendAll(cluster, pass);
    if (this.#plan.without.includes('anti-entropy')) return;
    await agreeAll({ cluster, pass });
    await handOffAll(cluster, pass);
  }

  async #audit(): Promise<void> {
    await readAll({
      cluster: this.#cluster,
      auditor: this.#clients.auditor,
      done: asked => this.#done(asked),
      pass: ms => this.#pass(ms),
    });
  }

  async #stopAll(): Promise<void> {
    await this.#done(Promise.all(this.#cluster.core.map(name => this.#cluster.machine(name).stop())));
    for (const machine of this.#cluster.machines) machine.end('kill');
  }

  async #done<T>(promise: Promise<T>): Promise<T> {
    let over = false;
    const end = () => {
      over = true;
    };
    promise.then(end, end);
    if (!(await this.#pass(HEALING_MS_MAX, () => over)))
      throw new Violation('L1', 'an answer is awaited in vain');
    return await promise;
  }

  /** Looks now and then. */
  async #until(what: string, holds: () => boolean, ms: number): Promise<void> {
    const end = this.#world.now + ms;
    while (!holds()) {
      if (this.#world.now >= end) throw new Violation('L1', `in vain awaited: ${what}`);
      await this.#pass(LOOK_MS);
    }
  }

  /** Lets so much time pass, or less if it comes true before; says whether it did. */
  async #pass(ms: number, comesTrue = () => false): Promise<boolean> {
    const judge = this.#judge;
    const held = await this.#world.run({ until: () => judge.violation !== undefined || comesTrue(), ms });
    if (judge.violation !== undefined) throw judge.violation;
    return held;
  }
}
