/** A gate in virtual time, and work that says what became of it. */
import { CLIENTS_BEGUN } from '../../src/core/overload/begun-limit.ts';
import type { Kind } from '../../src/core/overload/kinds.ts';
import { Gate, type GateLimits } from '../../src/rpc/gate.ts';
import type { Refusal, Work } from '../../src/rpc/work.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** Turns of a loop that end when the test says so. */
export class HeldTurns {
  #actions: (() => void)[] = [];

  atEnd(action: () => void): void {
    this.#actions.push(action);
  }

  end(): void {
    for (const action of this.#actions.splice(0)) action();
  }
}

export class FakeWork implements Work {
  readonly kind: Kind;
  readonly bytes: number;
  readonly arrivedAt: number;
  readonly deadline: number;
  cancelled = false;
  became: 'waits' | 'begun' | 'left' | Refusal = 'waits';
  begunAt: number | undefined;
  readonly #scene: GateScene;

  constructor(scene: GateScene, { kind = 'read', bytes = 0, budgetMs = 10_000 }: WorkOptions) {
    this.#scene = scene;
    this.kind = kind;
    this.bytes = bytes;
    this.arrivedAt = scene.clock.now();
    this.deadline = this.arrivedAt + budgetMs;
  }

  wait(): void {}

  /** Its caller goes away, and says so. */
  giveUp(): void {
    this.cancelled = true;
    this.#scene.gate.giveUp(this);
  }

  begin(): void {
    this.#becomes('begun');
    this.begunAt = this.#scene.clock.now();
    this.#scene.begun.push(this);
    if (this.#scene.endsAtOnce) this.leave();
  }

  refuse(why: Refusal): void {
    this.#becomes(why);
  }

  leave(): void {
    this.became = 'left';
    this.#scene.begun.splice(this.#scene.begun.indexOf(this), 1);
    this.#scene.gate.leave(this);
  }

  #becomes(what: 'begun' | Refusal): void {
    if (this.became !== 'waits') throw new Error(`it was ${this.became}, and is ${what} now`);
    this.became = what;
  }
}

export interface WorkOptions {
  readonly kind?: Kind;
  readonly bytes?: number;
  readonly budgetMs?: number;
}

export class GateScene {
  readonly clock = new VirtualClock();
  readonly turns = new HeldTurns();
  readonly gate: Gate;
  /** Under way now. */
  readonly begun: FakeWork[] = [];
  /** Work is done in the tick in which it is begun. */
  endsAtOnce = false;
  lateMs = 0;

  constructor(limits: Partial<GateLimits> = {}) {
    const scene = this;
    this.gate = new Gate({
      limits: { calls: 10_000, bytes: 1_000_000, begun: CLIENTS_BEGUN, ...limits },
      clock: this.clock,
      turns: this.turns,
      stalls: {
        get lateMs() {
          return scene.lateMs;
        },
      },
    });
  }

  enter(options: WorkOptions = {}): FakeWork {
    const work = new FakeWork(this, options);
    this.gate.enter(work);
    return work;
  }

  enterMany(count: number, options: WorkOptions = {}): readonly FakeWork[] {
    return Array.from({ length: count }, () => this.enter(options));
  }
}

/** How many of them became what. */
export function fates(works: readonly FakeWork[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { became } of works) counts[became] = (counts[became] ?? 0) + 1;
  return counts;
}
