/**
 * Whether a node is believed to answer, from when it was last heard and what its last call came to. A plain
 * rule that errs on the side of asking: an asked dead node costs a hedge, a node not asked costs
 * availability. (Accrual and indirect probes come with gossip.)
 */

export interface Contact {
  /** When any answer last came, monotonic ms; undefined if never. */
  readonly heardAt: number | undefined;
  /** Whether the newest attempt could not even be sent, because nobody there said hello. */
  readonly refused: boolean;
}

export const NO_CONTACT: Contact = { heardAt: undefined, refused: false };

/** Three heartbeats and a bit: one lost greeting is not a dead node. */
export const SILENCE_MS_MAX = 1_500;

export function isReachable(contact: Contact, nowMs: number): boolean {
  return !contact.refused && contact.heardAt !== undefined && nowMs - contact.heardAt <= SILENCE_MS_MAX;
}

export function afterHearing(nowMs: number): Contact {
  return { heardAt: nowMs, refused: false };
}

/**
 * A lost answer proves nothing: the node may be slow. Only "could not be sent" does, if it was not this side
 * that gave it up (link/asking.ts, `Because`).
 */
export function afterFailure(
  contact: Contact,
  failure: 'not sent' | 'lost' | 'refused' | 'overloaded',
): Contact {
  return failure === 'not sent' ? { ...contact, refused: true } : contact;
}
