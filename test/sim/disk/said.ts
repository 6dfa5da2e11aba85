/** What a batch writes, row by row, for the log. */
import { asBuffer } from '../../../src/base/bytes.ts';
import { decodeRow } from '../../../src/core/rows/row.ts';
import type { Operation } from '../../../src/ports/store.ts';
import { readDataKey } from '../../../src/replica/layout.ts';
import { recordSaid } from '../history.ts';
import type { Line } from '../trace.ts';

/** A line for each row of a key; sums, hints and the trail are left out. */
export function rowsSaid(name: string, batch: readonly Operation[]): readonly Omit<Line, 'at'>[] {
  return batch.flatMap(({ key, value }) => {
    const place = readDataKey(asBuffer(key));
    if (place === undefined) return [];
    const row = value && decodeRow(value, place);
    const said =
      row === undefined ? 'nothing' : row === 'damaged' ? 'a damaged row' : recordSaid(row.sealed.record);
    return [{ about: 'disk' as const, key: place.key, text: `${name} holds of ${place.key}: ${said}` }];
  });
}
