/** What was measured so far, row by row, each beside the gathered echo of the same round. Pure. */

import type { Row } from './rows.ts';
import { type Measured, median, medianOf, totalUs } from './run/measured.ts';

export interface Result {
  readonly row: Row;
  readonly measured: Measured;
  /** Its ops/s in those of the gathered echo beside it; undefined for a row with no echo. */
  readonly ofEcho: number | undefined;
  /** CPU that the echoes beside it cost, both ends, per echo. */
  readonly echoUs: number | undefined;
}

interface Run {
  readonly measured: Measured;
  readonly echo: Measured | undefined;
}

export class Results {
  readonly #rows = new Map<string, { readonly row: Row; readonly runs: Run[] }>();

  /** @param echo the gathered echo with as many in flight, of the same round */
  add(row: Row, measured: Measured, echo?: Measured): void {
    const entry = this.#rows.get(row.name) ?? { row, runs: [] };
    this.#rows.set(row.name, entry);
    entry.runs.push({ measured, echo });
  }

  /** Rows in the order in which they were first measured. */
  all(): readonly Result[] {
    return [...this.#rows.values()].map(({ row, runs }) => resultOf(row, runs));
  }

  /** Undefined when it was not measured. */
  of({ name }: Row): Result | undefined {
    const entry = this.#rows.get(name);
    return entry && resultOf(entry.row, entry.runs);
  }
}

function resultOf(row: Row, runs: readonly Run[]): Result {
  const beside = runs.flatMap(({ measured, echo }) => (echo ? [{ measured, echo }] : []));
  const over = (figure: (run: (typeof beside)[number]) => number): number | undefined =>
    beside.length === 0 ? undefined : median(beside.map(figure));
  return {
    row,
    measured: medianOf(runs.map(({ measured }) => measured)),
    ofEcho: over(({ measured, echo }) => measured.opsPerSecond / echo.opsPerSecond),
    echoUs: over(({ echo }) => totalUs(echo)),
  };
}
