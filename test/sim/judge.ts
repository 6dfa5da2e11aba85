/**
 * Holds the first thing that broke, whoever noticed it: an oracle, an assertion of ours, a promise that
 * nobody looked after. A run is about that; what follows from it is not asked.
 */
import { AssertionFailed } from '../../src/base/assert.ts';
import { type Oracle, Violation } from './oracle.ts';
import type { World } from './time/world.ts';

export class Judge {
  readonly #world: World;
  #violation: Violation | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  get violation(): Violation | undefined {
    return this.#violation;
  }

  broken(error: unknown): void {
    if (this.#violation !== undefined) return;
    this.#violation = error instanceof Violation ? error : new Violation('BUG', said(error));
    const { message: text, key } = this.#violation;
    this.#world.trace.note(this.#world.now, { about: 'oracle', key, text });
  }

  /** What it throws is the run's business, not that of whoever happened to bring it about. */
  guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.broken(error);
    }
  }

  /** All of them as one, guarded. */
  guarded(oracles: readonly Oracle[]): Oracle {
    const each = (tell: (oracle: Oracle) => void) =>
      this.guard(() => {
        for (const oracle of oracles) tell(oracle);
      });
    return {
      began: operation => each(oracle => oracle.began?.(operation)),
      ended: operation => each(oracle => oracle.ended?.(operation)),
      committed: (node, batch) => each(oracle => oracle.committed?.(node, batch)),
    };
  }

  /**
   * What is thrown while this runs, also by promises that nobody looks after: those would end a real process.
   */
  async during(run: () => Promise<void>): Promise<void> {
    const unhandled = (error: unknown) => this.broken(error);
    process.on('unhandledRejection', unhandled);
    try {
      await run();
    } catch (error) {
      this.broken(error);
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  }
}

function said(error: unknown): string {
  if (error instanceof AssertionFailed) return `an assertion failed: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
