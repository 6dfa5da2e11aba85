/**
 * Why replicas are missing from a quorum, node by node, for whoever reads the error at three in the morning.
 * Decides nothing: tallies do.
 *
 * It is said in our words. Those of a peer are repeated only where it refuses and alone knows why, and not
 * more of them than a line holds: the error goes on to a client, and a peer may say a mebibyte.
 */
import { compareText } from '../base/bytes.ts';
import type { NodeName } from '../base/ids.ts';
import { ReplicaFailed } from '../ports/replica.ts';

/** UTF-16 units of one node's reason. */
const REASON_MAX = 200;

export class Missing {
  /** Made when there is something to tell, for of most requests there is nothing. */
  #why: Map<NodeName, string> | undefined;

  /** @param believedDown primaries that were not even asked */
  constructor(believedDown: readonly NodeName[]) {
    for (const node of believedDown) this.#note(node, 'does not answer');
  }

  failed(node: NodeName, error: unknown): void {
    this.#note(node, cut(reasonOf(error)));
  }

  recovering(node: NodeName): void {
    this.#note(node, 'is recovering');
  }

  #note(node: NodeName, why: string): void {
    this.#why ??= new Map();
    this.#why.set(node, why);
  }

  /**
   * ` (n2: …; n3: …)`; empty when there is nothing to tell.
   * @param waiting those asked who have not answered
   */
  toText(waiting: Iterable<NodeName> = []): string {
    const all = new Map(this.#why);
    for (const node of waiting) all.set(node, 'has not answered');
    const sorted = [...all].sort(([a], [b]) => compareText(a, b));
    return all.size === 0 ? '' : ` (${sorted.map(([node, why]) => `${node}: ${why}`).join('; ')})`;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof ReplicaFailed)) return error instanceof Error ? error.message : String(error);
  switch (error.failure) {
    case 'not sent':
      return 'cannot be reached';
    case 'lost':
      return 'has not answered in time';
    case 'overloaded':
      return 'has too much to do';
    case 'refused':
      return `refused: ${error.message}`;
  }
}

function cut(text: string): string {
  return text.length <= REASON_MAX ? text : `${text.slice(0, REASON_MAX - 1).toWellFormed()}…`;
}
