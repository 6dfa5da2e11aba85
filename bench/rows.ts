/** What can be measured: the rows of the table, as data, and their names. Pure. */
import type { EchoShape } from './echo/callers.ts';

export type Row = EchoRow | LevelRow | ClusterRow;

interface Common {
  /** What is in the first column; tells it from all other rows. */
  readonly name: string;
  /** In an open loop: with how many the peak was found, and the echo beside it is. */
  readonly inFlight: number;
}

export interface EchoRow extends Common {
  readonly kind: 'echo';
  readonly shape: EchoShape;
}

export interface LevelRow extends Common {
  readonly kind: 'level';
  readonly what: 'get' | 'batch';
}

export interface ClusterRow extends Common, Asked {
  readonly kind: 'cluster';
  readonly shape: ClusterShape;
}

export interface ClusterShape {
  readonly nodes: number;
  readonly durability: 'fsync' | 'os';
}

export interface Asked {
  readonly op: Op;
  readonly valueBytes: number;
  /** As which client; `plain` is a gRPC client without the SDK. */
  readonly door: 'sdk' | 'plain';
  /** Of how many keys there are. */
  readonly keys: number;
  /** Open loop, at this part of the most that a closed one did; undefined: a closed loop. */
  readonly ofPeak?: number;
}

export type Op = 'put' | 'get' | '50/50' | '95/5';

export const IN_FLIGHT = [1, 16, 64, 256] as const;
export const KEYS = 10_000;
export const VALUE_BYTES = 100;

export function echo(shape: EchoShape, inFlight: number): EchoRow {
  return { kind: 'echo', shape, inFlight, name: named(`echo ${shape}`, inFlight) };
}

export function level(what: LevelRow['what']): LevelRow {
  const name = what === 'get' ? 'LevelDB getSync, cached' : 'LevelDB synced batches of 64';
  return { kind: 'level', what, inFlight: 1, name };
}

/** @param more what differs from a put or get of 100 bytes through the SDK */
export function asked(
  shape: ClusterShape,
  inFlight: number,
  { op, ...more }: Partial<Asked> & { readonly op: Op },
): ClusterRow {
  const row = { valueBytes: VALUE_BYTES, door: 'sdk', keys: KEYS, ...more } as const;
  return {
    kind: 'cluster',
    shape,
    inFlight,
    op,
    ...row,
    name: askedName(shape, { op, ...row }, inFlight),
  };
}

export function clusterName({ nodes, durability }: ClusterShape): string {
  return `${nodes} ${nodes === 1 ? 'node' : 'nodes'} ${durability}`;
}

function askedName(
  shape: ClusterShape,
  { op, valueBytes, door, keys, ofPeak }: Asked,
  inFlight: number,
): string {
  return [
    clusterName(shape),
    `${op} ${valueBytes} B`,
    ...(door === 'plain' ? ['plain gRPC'] : []),
    ...(keys === KEYS ? [] : [`${keys} keys`]),
    ofPeak === undefined ? `${inFlight} in flight` : `open loop at ${ofPeak * 100} % of peak`,
  ].join(', ');
}

function named(what: string, inFlight: number): string {
  return `${what}, ${inFlight} in flight`;
}
