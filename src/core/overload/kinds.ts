/**
 * The kinds of work at a door, and what each is due when there is more of it than can be begun. What other
 * nodes have begun already goes first: to turn it away wastes what was done for it, and it is bounded where
 * it was let in. So it is not refused for its age, nor is what runs in the background, for which nobody sits
 * and waits.
 */
export type Kind = 'peer' | 'read' | 'write' | 'background';

export interface Due {
  /** Of what is begun while others wait, too: so many parts. */
  readonly share: number;
  /** It is refused when it has waited too long. */
  readonly sheds: boolean;
  /** So many may be begun at once, whatever the door bears. */
  readonly begunMax: number;
}

export const KINDS: readonly Kind[] = ['peer', 'read', 'write', 'background'];

export const DUE: Readonly<Record<Kind, Due>> = {
  peer: { share: 16, sheds: false, begunMax: Number.POSITIVE_INFINITY },
  read: { share: 4, sheds: true, begunMax: Number.POSITIVE_INFINITY },
  write: { share: 4, sheds: true, begunMax: Number.POSITIVE_INFINITY },
  // A page of records is a thousand times a read: a few keep a disk busy, more would be felt.
  background: { share: 1, sheds: false, begunMax: 4 },
};
