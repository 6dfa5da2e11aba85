/** What goes with every message between nodes but a greeting. */
import type { BootId, ClusterId, NodeName } from '../base/ids.ts';

/**
 * Which ring a message was sent under, and to whom. A replica under another, or another one, refuses rather
 * than guess (DESIGN §5).
 */
export interface Stamp {
  readonly clusterId: ClusterId;
  readonly epoch: number;
  readonly ringDigest: string;
  readonly sender: NodeName;
  readonly recipient: NodeName;
  /** The process that sends, not only its name. */
  readonly bootId: BootId;
}
