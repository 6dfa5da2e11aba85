/**
 * The machine's randomness, behind the port (src/ports/random.ts): cryptographic, since ids must never meet
 * (TRAPS C5).
 */
import { randomBytes } from 'node:crypto';
import type { Random } from '../ports/random.ts';

export const systemRandom: Random = {
  bytes: size => randomBytes(size),
  fraction: () => randomBytes(4).readUInt32BE(0) / 2 ** 32,
};
