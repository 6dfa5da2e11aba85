/**
 * Messages made beforehand, so that asking costs as little as it can: reads and overwrites of 100 bytes over
 * keys enough that they rarely meet.
 */
import { randomBytes } from 'node:crypto';
import type { Messages } from '../../src/wire/messages.ts';

export interface Body {
  readonly read: boolean;
  readonly bytes: Buffer;
}

export const KEYS = 20_000;
const BODIES = 8_192;
const VALUE_BYTES = 100;
const BUCKET = 'flood';

export function bodies(messages: Messages, readShare: number): () => Body {
  const pool = Array.from({ length: BODIES }, () => {
    const key = `k${Math.floor(Math.random() * KEYS)}`;
    return Math.random() < readShare ? read(messages, key) : write(messages, key);
  });
  let next = 0;
  return () => pool[next++ % BODIES]!;
}

function read({ getRequest }: Messages, key: string): Body {
  return { read: true, bytes: getRequest.encode({ bucket: BUCKET, key }) };
}

/** Without a write id, so that each time it is another write. */
export function write({ putRequest }: Messages, key: string): Body {
  const value = { bytes: randomBytes(VALUE_BYTES) };
  return { read: false, bytes: putRequest.encode({ bucket: BUCKET, key, value, overwrite: true }) };
}
