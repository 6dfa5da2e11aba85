/**
 * The id of a store, in a row of it. The identity file names the store it belongs to: LevelDB can come back
 * empty, or as another one (core/membership/identity).
 */
import { Buffer } from 'node:buffer';
import { decodeSmallRow, encodeSmallRow } from '../core/rows/small-row.ts';
import type { Operation, Store } from '../ports/store.ts';
import { factKey } from './layout.ts';

const STORE_ID_KEY = factKey('store');

/** In hex; undefined if the store has none that can be read. */
export function readStoreId(store: Store): string | undefined {
  const value = store.get(STORE_ID_KEY);
  const body = value && decodeSmallRow({ key: STORE_ID_KEY, value });
  return body && Buffer.from(body).toString('hex');
}

export function storeIdRow(id: string): Operation {
  return { key: STORE_ID_KEY, value: encodeSmallRow({ key: STORE_ID_KEY, body: Buffer.from(id, 'hex') }) };
}
