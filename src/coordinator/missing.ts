/**
 * Why replicas are missing from a quorum, node by node, for whoever reads the error at three in the morning. Decides nothing: tallies do.
 */
import { compareText } from '../base/bytes.ts';
import type { NodeName } from '../base/ids.ts';

export class Missing {
  readonly #why = new Map<NodeName, string>();

  /** @param believedDown those that were not even asked */
  constructor(believedDown: readonly NodeName[]) {
    for (const node of believedDown) this.#why.set(node, 'does not answer greetings');
  }

  failed(node: NodeName, error: unknown): void {
    this.#why.set(node, error instanceof Error ? error.message : String(error));
  }

  recovering(node: NodeName): void {
    this.#why.set(node, 'is recovering');
  }

  /** ` (n2: …; n3: …)`; empty when there is nothing to tell. */
  told({ waiting }: { waiting: Iterable<NodeName> }): string {
    const all = new Map(this.#why);
    for (const node of waiting) all.set(node, 'has not answered');
    const sorted = [...all].sort(([a], [b]) => compareText(a, b));
    return all.size === 0 ? '' : ` (${sorted.map(([node, why]) => `${node}: ${why}`).join('; ')})`;
  }
}
