/**
 * Hints are notes, not copies (DESIGN §7): "node X has not got this key yet". The record lives once, in its
 * partition, so a thousand writes to one key cost one note, and a replay sends the newest record. One per
 * (target, key), written in the batch of its record.
 */
import { ByteWriter } from '../base/bytes.ts';
import type { NodeName } from '../base/ids.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Operation, Store } from '../ports/store.ts';
import type { Committer } from './committer.ts';
import { hintKey, hintRange } from './layout.ts';
import { scanAll } from './scan-all.ts';

const NONE: readonly Operation[] = [];

export class Hints {
  readonly #committer: Committer;
  #count: number;

  private constructor(committer: Committer, count: number) {
    this.#committer = committer;
    this.#count = count;
  }

  static async load({ store, committer }: { store: Store; committer: Committer }): Promise<Hints> {
    let count = 0;
    await scanAll(store, hintRange(), () => {
      count += 1;
    });
    return new Hints(committer, count);
  }

  /** How many notes there are. */
  get count(): number {
    return this.#count;
  }

  /**
   * What to queue so that these nodes are noted as missing the key; nothing for those that are noted already.
   */
  operations({
    targets,
    place,
    at,
  }: {
    targets: readonly NodeName[];
    place: KeyPlace;
    at: number;
  }): readonly Operation[] {
    if (targets.length === 0) return NONE;
    return targets
      .map(target => hintKey(target, place))
      .filter(key => !this.#isNoted(key))
      .map(key => ({ key, value: new ByteWriter(8).u53(at).bytes }));
  }

  /** These have been queued. */
  queued(operations: readonly Operation[]): void {
    this.#count += operations.length;
  }

  /** A note that cannot be read is written once more: no reason to fail the write it belongs to. */
  #isNoted(key: Uint8Array): boolean {
    try {
      return this.#committer.get(key) !== undefined;
    } catch {
      return false;
    }
  }
}
