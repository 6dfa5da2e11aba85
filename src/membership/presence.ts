/**
 * Tells the operator of members that stop answering and of those that answer again, each change once. Looks
 * on every heartbeat and compares with the one before; who has never answered is not told of: a node that
 * starts says whom it waits for.
 *
 * A late heartbeat proves nothing: 1. this node is frozen for a minute; 2. it thaws; 3. it has heard nobody
 * for a minute, and all are well. Decides nothing: whom to ask is the acquaintances' business.
 */
import type { NodeName } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Acquaintances } from './acquaintances.ts';

export interface PresenceParts {
  readonly acquaintances: Acquaintances;
  readonly clock: Clock;
  readonly log: Log;
}

/** A heartbeat that comes so long after the one before is late. */
const LATE_MS = 1_000;

export class Presence {
  readonly #parts: PresenceParts;
  /** Who answered when last looked at, and who had stopped to. */
  readonly #answered = new Map<NodeName, boolean>();
  #lookedAt: number;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
    this.#lookedAt = parts.clock.now();
  }

  /** Called on every heartbeat. */
  look(): void {
    const { acquaintances, clock } = this.#parts;
    const late = clock.now() - this.#lookedAt > LATE_MS;
    this.#lookedAt = clock.now();
    if (late) return;
    for (const { name } of acquaintances.others()) this.#judge(name, acquaintances.reachable(name));
  }

  #judge(name: NodeName, answers: boolean): void {
    const answered = this.#answered.get(name);
    if (answered === answers || (answered === undefined && !answers)) return;
    this.#answered.set(name, answers);
    if (!answers) this.#tellSilent(name);
    else if (answered === false) this.#parts.log.info('a member answers again', { node: name });
  }

  #tellSilent(name: NodeName): void {
    const { acquaintances, clock, log } = this.#parts;
    const silentMs = Math.round(clock.now() - (acquaintances.heardAt(name) ?? clock.now()));
    log.warn('a member does not answer', { node: name, silentMs });
  }
}
