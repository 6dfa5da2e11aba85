/**
 * Three nodes with very many keys, loaded when the first case asks for them and shared by all that do: to
 * load them takes longer than most cases.
 */
import type { WayTogether } from '../../src/node.ts';
import { progress, tell } from '../stage/progress.ts';
import { type OpenStage, openStage, type Stage, untilNothingIsOwed } from '../stage/stage.ts';
import { keysNamed, writeKeys } from '../stage/writing.ts';
import { untilAgreed } from './agreed.ts';

export interface LoadedOptions {
  readonly keys: number;
  readonly valueBytes: number;
}

export const NODES = 3;

export class Loaded {
  readonly keys: number;
  readonly valueBytes: number;
  #stage: Promise<OpenStage> | undefined;

  constructor({ keys, valueBytes }: LoadedOptions) {
    this.keys = keys;
    this.valueBytes = valueBytes;
  }

  /** All nodes hold the same, and have just been started, without these. */
  async stage(...without: readonly WayTogether[]): Promise<Stage> {
    this.#stage ??= this.#load();
    const stage = await this.#stage;
    await stage.cluster.restart({ without });
    return stage;
  }

  async end(): Promise<void> {
    const stage = await this.#stage;
    this.#stage = undefined;
    await stage?.close();
  }

  async #load(): Promise<OpenStage> {
    const stage = await openStage({ nodes: NODES });
    const { keys, valueBytes } = this;
    const onWritten = progress(`loading ${valueBytes} bytes each`, keys);
    await writeKeys(stage.bucket, keysNamed('k', keys), { valueBytes, blind: true, onWritten });
    await untilNothingIsOwed(stage);
    tell(`loaded; all agree after ${(await untilAgreed(stage.cluster.addresses[0]!)).toFixed(1)} s`);
    return stage;
  }
}
