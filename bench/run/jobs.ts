/** What a worker is asked to do: plain data, sent between processes. */
import type { Watched } from '../../src/cli/load/cpu-readings.ts';
import type { LoadOptions } from '../../src/cli/load/options.ts';
import type { EchoShape } from '../echo/callers.ts';
import type { Measured } from './measured.ts';
import type { Stretch } from './raw-loop.ts';

export type Job = EchoJob | LevelJob | LoadJob;

export interface EchoJob extends Stretch {
  readonly kind: 'echo';
  readonly shape: EchoShape;
  readonly port: number;
}

export interface LevelJob extends Stretch {
  readonly kind: 'level';
  readonly what: 'get' | 'batch';
  /** An empty folder. */
  readonly folder: string;
}

/** Load on a cluster, through the SDK or as any gRPC client puts it. */
export interface LoadJob {
  readonly kind: 'load';
  readonly door: 'sdk' | 'plain';
  readonly addresses: readonly string[];
  readonly bucket: string;
  readonly servers: readonly Watched[];
  readonly options: LoadOptions;
}

export type Answer = { readonly measured: Measured } | { readonly failure: string };
