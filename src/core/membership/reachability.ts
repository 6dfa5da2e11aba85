/**
 * Whether a member answers *this* node, from what its last calls there came to. A plain rule that errs on the
 * side of asking: an asked dead node costs a hedge, a node not asked costs availability. Whether the member
 * is there at all is another question, and the view's (view): one that is cut off from this node only is
 * alive, and still not to be asked.
 */

export interface Contact {
  /** When anything of it last came, an answer or a message of its own, monotonic ms; undefined if never. */
  readonly heardAt: number | undefined;
  /** It has answered this process at least once. */
  readonly hasAnswered: boolean;
  /** The newest attempt could not even be sent, because nobody there said hello. */
  readonly refused: boolean;
  /** It was asked for a sign of life, and in all the time it had no answer of any kind came. */
  readonly silent: boolean;
}

export const NO_CONTACT: Contact = { heardAt: undefined, hasAnswered: false, refused: false, silent: false };

export function answersUs({ hasAnswered, refused, silent }: Contact): boolean {
  return hasAnswered && !refused && !silent;
}

/** It answered: the way there and the way back are open. */
export function afterAnswer(nowMs: number): Contact {
  return { heardAt: nowMs, hasAnswered: true, refused: false, silent: false };
}

/** It said something of its own accord: it lives, but does it hear us? */
export function afterHearing(contact: Contact, nowMs: number): Contact {
  return { ...contact, heardAt: nowMs };
}

export function afterSilence(contact: Contact): Contact {
  return { ...contact, silent: true };
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
