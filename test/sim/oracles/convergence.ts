/**
 * When the core has converged, all its owners of a key hold the same bytes (I6), and no row is still damaged
 * that another of them could have mended (I12). Not held to it is who waits for an outcast before it has all
 * of the key's partition: it compares that with nobody (DESIGN §6, *Recovering*).
 */
import { equalBytes } from '../../../src/base/bytes.ts';
import type { Row } from '../../../src/core/rows/row.ts';
import { comparingOwners } from '../agreement.ts';
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
    const rows = comparingOwners(key, this.#view).map(node => ({ node, row: this.#view.row(node, key) }));
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
