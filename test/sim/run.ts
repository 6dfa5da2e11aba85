/**
 * One run: a cluster is born, clients work while faults happen (safety), then a core heals while the rest stays broken, and the core must
 * come back to life and agree within a bound (liveness), as TigerBeetle's simulator has it. The same plan gives the same trace (I13).
 */
import { AssertionFailed } from '../../src/base/assert.ts';
import { type ClientParts, numbered, SimClient } from './client.ts';
import { protos, SimCluster, stream } from './cluster.ts';
import { Faults } from './faults.ts';
import { type Oracle, Violation } from './oracle.ts';
import { allOracles } from './oracles/all.ts';
import type { Plan } from './plan.ts';
import { answersIn } from './reached.ts';
import { Recorder } from './recorder.ts';
import { MachineClock, Process } from './time/process.ts';
import { World } from './time/world.ts';
import { type Line, Trace } from './trace.ts';
import { Workload } from './workload.ts';

export interface RunResult {
  readonly seed: number;
  readonly traceHash: string;
  /** What was broken, if anything. */
  readonly violation: Violation | undefined;
  /** Empty unless they were asked for. */
  readonly lines: readonly Line[];
  readonly figures: Figures;
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
/** And each key agree at all its owners in the core within this. */
const AGREEING_MS_MAX = 30_000;
/** What an answered call leaves to do goes on until its deadline: a late replica is replaced, a hint is written. */
const LEFTOVER_MS = 3_500;
/** What an answer may take beyond its deadline: timers are whole milliseconds, and clocks run differently. */
const SLACK_MS = 100;
const AUDIT_MS = 3_000;
/** How often it is looked whether something has come true. */
const LOOK_MS = 100;
/** Nothing is asked for so long; then nothing may have been repaired (I11). */
const IDLE_MS = 5_000;

/** Never rejects: whatever goes wrong is a violation. */
export async function runPlan(plan: Plan, { keepLog }: { keepLog: boolean }): Promise<RunResult> {
  const run = new Run(plan, keepLog);
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
  readonly #oracles: readonly Oracle[];
  readonly #cluster: SimCluster;
  readonly #recorder: Recorder;
  readonly #faults: Faults;
  readonly #auditor: SimClient;
  readonly #workload: Workload;
  #violation: Violation | undefined;
  #writes = 0;

  constructor(plan: Plan, keepLog: boolean) {
    this.#plan = plan;
    this.trace = new Trace({ keep: keepLog });
    this.#world = new World(this.trace);
    const committed: Oracle[] = [];
    this.#cluster = new SimCluster(plan, this.#world, {
      onCommitted: (node, batch) =>
        this.#guarded(() => {
          for (const oracle of committed) oracle.committed?.(node, batch);
        }),
      onBug: bug => this.#broken(bug),
    });
    this.#oracles = allOracles(this.#cluster, {
      deadlines: {
        patienceMs: name => this.#patienceOf(name),
        slackMs: SLACK_MS,
        onServed: tell => this.#cluster.network.onServed(served => this.#guarded(() => tell(served))),
      },
      traffic: {
        underWay: (from, to) => this.#cluster.network.underWay(from, to),
        leftOver: () => this.#cluster.leftOver(),
      },
      doubles: plan.faults.some(fault => fault.kind === 'bad weather' && fault.duplicate > 0),
    });
    committed.push(...this.#oracles.filter(oracle => oracle.committed !== undefined));
    const { reached } = this.#cluster;
    this.#recorder = new Recorder(this.#world, [
      guarded(this.#oracles, error => this.#broken(error)),
      answersIn(reached),
    ]);
    this.#faults = new Faults(this.#cluster, { plan, oracles: this.#oracles });
    this.#auditor = this.#client({ name: 'auditor', deadlineMs: AUDIT_MS, retries: 0, pauseMs: 0 });
    this.#workload = new Workload(
      plan.clients.clients.map(client => ({
        plan: client,
        client: this.#client(client),
        random: stream(plan.seed, client.name),
      })),
      { world: this.#world, keys: plan.clients.keys },
    );
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
    // A promise that nobody looks after ends a real process.
    const unhandled = (error: unknown) => this.#broken(error);
    process.on('unhandledRejection', unhandled);
    try {
      await this.#live();
    } catch (error) {
      this.#broken(error);
    } finally {
      process.off('unhandledRejection', unhandled);
    }
    return this.#violation;
  }

  async #live(): Promise<void> {
    for (const machine of this.#cluster.machines) machine.start();
    await this.#until('the cluster is born', () => this.#cluster.coreIsUp, BIRTH_MS_MAX);
    const bornAt = this.#world.now;
    this.#faults.schedule();
    this.#workload.start();
    await this.#pass(this.#plan.safetyMs - bornAt);
    this.#workload.stop();
    this.#faults.end();
    this.#faults.heal();
    await this.#until('the core serves again', () => this.#coreIsWell, HEALING_MS_MAX);
    await this.#until('every call has ended', () => this.#recorder.open === 0, HEALING_MS_MAX);
    await this.#pass(LEFTOVER_MS);
    await this.#readAll();
    for (const oracle of this.#oracles) await oracle.converged?.();
    await this.#readAll();
    await this.#pass(IDLE_MS);
    for (const oracle of this.#oracles) await oracle.idled?.();
    await this.#stopAll();
    for (const oracle of this.#oracles) await oracle.over?.();
  }

  /** Up, and over its losses; a node may still wait for an outcast to tell what it holds. */
  get #coreIsWell(): boolean {
    const waits = this.#plan.outcasts.length > 0;
    return (
      this.#cluster.coreIsUp &&
      this.#cluster.core.every(
        name => waits || this.#cluster.running(name)!.overview.status().recoveringPartitions === 0,
      )
    );
  }

  /** Until hints are replayed and trees compared, this is what brings replicas together: every key read at all its owners that are there. */
  async #readAll(): Promise<void> {
    for (const key of this.#cluster.keys) {
      const until = this.#world.now + AGREEING_MS_MAX;
      while (!(await this.#agreed(key))) {
        if (this.#world.now > until)
          throw new Violation('L1', `${key} does not come together in time`, { key });
        await this.#pass(500);
      }
    }
  }

  /** Whether a read through the core met all owners of this key that are in it, and left nothing to repair. */
  async #agreed(key: string): Promise<boolean> {
    const owners = this.#cluster.primaries(key).filter(node => this.#cluster.core.includes(node));
    const whole = owners.filter(node => this.#cluster.isWhole(node, key));
    // Whoever knows what was written is an outcast, and nobody else says so.
    if (whole.length === 0 || this.#cannotMend(owners, key)) return true;
    for (const strict of [true, false]) {
      const quorum = strict ? whole.length : owners.length;
      const read = await this.#done(this.#auditor.get({ key, strict, quorum, at: owners[0] }));
      if (read.reply === undefined || read.reply.replicas.unrepaired > 0) return false;
    }
    return sameDigests(owners.map(node => this.#digest(node, key)));
  }

  /** A row is damaged, and no owner in the core has a sound one. */
  #cannotMend(owners: readonly string[], key: string): boolean {
    const rows = owners.map(node => this.#cluster.row(node, key));
    return rows.includes('damaged') && rows.every(row => row === 'damaged' || row === undefined);
  }

  #digest(node: string, key: string): string {
    const row = this.#cluster.row(node, key);
    if (row === undefined || row === 'damaged') return String(row);
    return Buffer.from(row.sealed.digest).toString('hex');
  }

  async #stopAll(): Promise<void> {
    const stopped = Promise.all(this.#cluster.core.map(name => this.#cluster.machine(name).stop()));
    await this.#done(stopped);
    for (const machine of this.#cluster.machines) machine.end('kill');
  }

  #patienceOf(client: string): number {
    return this.#plan.clients.clients.find(({ name }) => name === client)?.deadlineMs ?? AUDIT_MS;
  }

  #client(of: Pick<ClientParts, 'name' | 'deadlineMs' | 'retries' | 'pauseMs'>): SimClient {
    const clock = new MachineClock({ world: this.#world, rate: 1, wallOffMs: 0 });
    const parts: ClientParts = {
      ...of,
      process: new Process({ world: this.#world, name: of.name, clock }),
      network: this.#cluster.network,
      protos,
      recorder: this.#recorder,
      random: stream(this.#plan.seed, `nodes for ${of.name}`),
      nodes: this.#plan.cluster.nodes,
      nextWriteId: () => {
        this.#writes += 1;
        return numbered(this.#writes, stream(this.#plan.seed, `write ${this.#writes}`));
      },
    };
    return new SimClient(parts);
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
    const held = await this.#world.run({ until: () => this.#violation !== undefined || comesTrue(), ms });
    if (this.#violation !== undefined) throw this.#violation;
    return held;
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#broken(error);
    }
  }

  /** The first thing that broke is what the run is about. */
  #broken(error: unknown): void {
    if (this.#violation !== undefined) return;
    this.#violation = error instanceof Violation ? error : new Violation('BUG', said(error));
    this.trace.note(this.#world.now, {
      about: 'oracle',
      key: this.#violation.key,
      text: this.#violation.message,
    });
  }
}

/** All of them as one, whose objections end the run and not the client that happened to be answered. */
function guarded(oracles: readonly Oracle[], broken: (error: unknown) => void): Oracle {
  const each = (tell: (oracle: Oracle) => void) => {
    try {
      for (const oracle of oracles) tell(oracle);
    } catch (error) {
      broken(error);
    }
  };
  return {
    began: operation => each(oracle => oracle.began?.(operation)),
    ended: operation => each(oracle => oracle.ended?.(operation)),
  };
}

function said(error: unknown): string {
  if (error instanceof AssertionFailed) return `an assertion failed: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function sameDigests(digests: readonly string[]): boolean {
  return digests.every(digest => digest === digests[0]);
}
