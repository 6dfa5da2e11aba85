/**
 * Which node comes first where nothing else decides: each node draws a lot for each partition, the same one on every machine
 * (highest random weight, Thaler and Ravishankar 1998). So the partitions of one node are shared with many others, and when it
 * is out its load goes to all of them rather than to a neighbour.
 */
import { Buffer } from 'node:buffer';
import { digest } from '../base/hash.ts';

/** What a node's lots are drawn from: 32 bits. */
export function lotSeed(name: string): number {
  return digest(Buffer.from(name)).readUInt32BE(0);
}

/** A node's lot for a partition, 0 … 2^32−1. The mixing is the end of MurmurHash3 (A. Appleby 2011). */
export function lot(seed: number, partition: number): number {
  let bits = seed ^ Math.imul(partition + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
