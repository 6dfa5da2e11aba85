/**
 * What a running node does when it is shown that it lacks what was acknowledged in its name: all of it
 * recovers, durably, and as another store; then it merges with the other owners (DESIGN §6, *Recovering*; I3,
 * I5). Either others know more of it than its own store does, which was rolled back underneath it, or another
 * process has borne its name. Who finds that out, and by what: replica/minter, membership/claim, progress and
 * rival.
 */
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Upkeep } from '../repair/upkeep.ts';
import type { OpenReplica } from '../replica/opening.ts';
import type { Life } from './life.ts';

export interface RecoveryParts {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly life: Life;
  readonly open: Pick<OpenReplica, 'minter' | 'renewStore'>;
  readonly upkeep: Pick<Upkeep, 'recover'>;
}

export class Recovery {
  readonly #parts: RecoveryParts;
  #rolledBack = false;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  /** Others know more of us than our own store. Once is enough. */
  rolledBack(): void {
    if (this.#rolledBack) return;
    this.#rolledBack = true;
    const { log, metrics } = this.#parts;
    log.error('other nodes know more of this one than its store does: it was rolled back, recovering');
    metrics.count('recovering.rolled-back');
    this.#recoverAll().catch(error => {
      // A full queue refuses the marks. They hold in memory, and the next greeting that tells of the
      // rollback writes them.
      this.#rolledBack = false;
      log.error('recovering could not begin', { why: String(error) });
    });
  }

  /**
   * The same, told by how far the store had come. Nobody has named a dot of ours then: an incarnation from
   * before is given up here.
   */
  storeRolledBack(): void {
    this.#parts.open.minter.distrust('the store was rolled back');
    this.rolledBack();
  }

  /** Every time: each successor may hold acknowledged writes that nobody else does. */
  async replaced(): Promise<void> {
    const { log, metrics, open } = this.#parts;
    const why = 'another process has borne the name of this node';
    log.error(`${why}: it takes it back, recovering`);
    metrics.count('recovering.replaced');
    open.minter.distrust(why);
    await this.#recoverAll();
  }

  /** Resolves when that is durable; merging with the other owners begins then. */
  async #recoverAll(): Promise<void> {
    const { open, life, upkeep } = this.#parts;
    await open.renewStore();
    if (life.ring !== undefined) upkeep.recover(life.ring);
  }
}
