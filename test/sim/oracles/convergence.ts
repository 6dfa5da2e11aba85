/**
 * When the core has converged, all its owners of a key hold the same bytes (I6), and no row is still damaged
 * that another of them could have mended (I12).
 */
import { equalBytes } from '../../../src/base/bytes.ts';
import type { Row } from '../../../src/core/rows/row.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';

export class Convergence implements Oracle {
  readonly #view: View;

  constructor(view: View) {
    this.#view = view;
  }

  converged(): void {
    for (const key of this.#view.keys) this.#check(key);
  }

  #check(key: string): void {
    const owners = this.#view.primaries(key).filter(node => this.#view.core.includes(node));
    // Those who know what was written are outcasts: the others wait for them before they say anything.
    if (!owners.some(node => this.#view.isWhole(node, key))) return;
    const rows = owners.map(node => ({ node, row: this.#view.row(node, key) }));
    const sound = rows.find(({ row }) => row !== undefined && row !== 'damaged');
    if (sound === undefined) return;
    for (const { node, row } of rows) {
      if (row === 'damaged')
        throw new Violation('I12', `${node} still has a damaged row, which ${sound.node} holds`, { key });
      if (!isSame(row, sound.row as Row))
        throw new Violation('I6', `${node} and ${sound.node} hold different records after all`, { key });
    }
  }
}

function isSame(row: Row | undefined, other: Row): boolean {
  return row !== undefined && equalBytes(row.sealed.bytes, other.sealed.bytes);
}
