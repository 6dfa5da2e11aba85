/**
 * Tells of members that stop answering and of those that answer again, each change once: the operator by the
 * log, the node's other parts by a call. Looks on every beat of the detector and compares with the one
 * before; who has never answered is not told of: a node that starts says whom it waits for. Counts what is
 * believed of members, change by change. Decides nothing: whom to ask is the acquaintances' business.
 */
import type { NodeName } from '../base/ids.ts';
import type { MemberState } from '../core/membership/view.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Acquaintances, News } from './acquaintances.ts';

export interface PresenceParts {
  readonly acquaintances: Acquaintances;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** A member answers that did not before, or never has. */
  readonly onUp: (node: NodeName) => void;
}

/** A shorter silence is not worth a line. */
const TOLD_AFTER_MS = 1_000;

/** What of a member that does not answer is known. */
interface Away {
  readonly since: number;
  told: boolean;
}

const COUNTERS: Readonly<Record<MemberState, string>> = {
  alive: 'member.up',
  suspect: 'member.suspected',
  down: 'member.down',
  removed: 'member.removed',
};

export class Presence {
  readonly #parts: PresenceParts;
  /** Who answered when last looked at. */
  readonly #answering = new Set<NodeName>();
  /** Who has stopped to. */
  readonly #away = new Map<NodeName, Away>();

  constructor(parts: PresenceParts) {
    this.#parts = parts;
    parts.acquaintances.onNews(news => this.#count(news));
  }

  look(): void {
    const { acquaintances } = this.#parts;
    for (const { name } of acquaintances.others()) {
      if (acquaintances.reachable(name)) this.#answers(name);
      else this.#isSilent(name);
    }
  }

  #answers(name: NodeName): void {
    if (this.#answering.has(name)) return;
    this.#answering.add(name);
    if (this.#away.get(name)?.told) this.#parts.log.info('a member answers again', { node: name });
    this.#away.delete(name);
    this.#parts.onUp(name);
  }

  #isSilent(name: NodeName): void {
    const { acquaintances, clock, log } = this.#parts;
    if (this.#answering.delete(name)) this.#away.set(name, { since: clock.now(), told: false });
    const away = this.#away.get(name);
    if (away === undefined || away.told || clock.now() - away.since < TOLD_AFTER_MS) return;
    away.told = true;
    log.warn('a member does not answer', { node: name, silentMs: Math.round(acquaintances.silentMs(name)) });
  }

  #count({ before, after }: News): void {
    const { acquaintances, metrics } = this.#parts;
    const isSelf = after.name === acquaintances.self.name;
    if (isSelf && after.state === 'alive') metrics.count('member.refuted');
    if (!isSelf && before !== undefined && before.state !== after.state) metrics.count(COUNTERS[after.state]);
  }
}
