/**
 * Leaves a note beside a record that a primary has missed a write of it, soon and in nobody's way. One that
 * could not be kept is counted, and told once: anti-entropy brings what it would have brought. What a note is
 * and when there are too many: replica/hints.
 */
import type { NodeName } from '../base/ids.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import { Reports } from '../membership/reports.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { LocalReplica } from '../replica/replica.ts';

export interface MissedWritesParts {
  readonly replica: Pick<LocalReplica, 'hint'>;
  readonly log: Log;
  readonly metrics: Metrics;
}

export class MissedWrites {
  readonly #parts: MissedWritesParts;
  readonly #reports: Reports;

  constructor(parts: MissedWritesParts) {
    this.#parts = parts;
    this.#reports = new Reports(parts.log);
  }

  /** Never throws. */
  note(missed: { readonly target: NodeName; readonly place: KeyPlace }): void {
    const { replica, metrics } = this.#parts;
    replica.hint(missed).then(
      written => metrics.count('hint.written', Number(written)),
      () => {
        metrics.count('hint.failed');
        this.#reports.warn('a member missed a write, and no note of it could be kept', {
          advice: 'anti-entropy brings it',
        });
      },
    );
  }
}
