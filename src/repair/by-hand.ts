/**
 * Rounds of anti-entropy that somebody asks for (`Cluster.Repair`), instead of waiting some seconds for the
 * next. Decides only when this node cannot make one, and says so; the rounds are anti-entropy.ts.
 */
import { ShoalError } from '../base/errors.ts';
import type { NodeName } from '../base/ids.ts';
import type { AskedRepair, NodeState, Repairs } from '../ports/overview.ts';

export interface ByHandParts {
  readonly self: NodeName;
  readonly state: () => NodeState;
  /** @returns the number of the request */
  readonly repairNow: () => number;
}

export class RepairsByHand implements Repairs {
  readonly #parts: ByHandParts;

  constructor(parts: ByHandParts) {
    this.#parts = parts;
  }

  repairNow(): AskedRepair {
    const { self, state, repairNow } = this.#parts;
    const refusal = refusalIn(state());
    if (refusal !== undefined) throw refusal;
    return { node: self, asked: repairNow() };
  }
}

function refusalIn(state: NodeState): ShoalError | undefined {
  switch (state) {
    case 'waiting':
      return new ShoalError('NOT_READY', 'this node does not serve yet; see its status');
    case 'draining':
      return new ShoalError('DRAINING', 'this node is shutting down; ask another one');
    case 'storage-faulted':
      return new ShoalError('STORAGE_FAULTED', 'the disk of this node failed: it takes nothing in');
    case 'serving':
      return undefined;
  }
}
