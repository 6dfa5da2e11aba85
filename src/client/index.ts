/**
 * Shoal for TypeScript: `import { connect } from 'shoal'`. Everything a program may rely on is exported here,
 * nothing else is. It speaks the public contract of proto/shoal/v1 and needs nothing that grpcurl has not.
 */

export { type Outcome, type Reason, ShoalError } from '../base/errors.ts';
export type { Bucket } from './bucket.ts';
export type { Transport } from './checks.ts';
export { type Client, type ConnectOptions, connect } from './client.ts';
export type {
  ClusterStatus,
  HintsFor,
  KeyLocation,
  MemberStatus,
  Place,
  RefillStatus,
  RepairStatus,
  RepairWith,
} from './cluster-status.ts';
export type { Entry } from './entry.ts';
export { ContendedError, SeveralValuesError } from './errors.ts';
export type { Got, NewEntry, Put, PutManyOptions } from './many.ts';
export type { CallOptions, PutOptions, ReadOptions, UpdateOptions, WriteOptions } from './options.ts';
export type { KeyName, Replicas, Shown, ShownValues, Sibling, Value } from './shown.ts';
export type { Merge } from './update.ts';
export type { Written } from './written.ts';
