/** Sends another owner what it was seen not to hold, as it is here now; its replica merges it (I2, I9). */
import type { Difference } from '../core/merkle/differences.ts';
import { sameDigest } from '../core/record/codec.ts';
import type { Holdings } from '../ports/holdings.ts';
import type { Located, Replica } from '../ports/replica.ts';
import type { Lane } from './lane.ts';

export interface SendingParts {
  readonly holdings: Pick<Holdings, 'records'>;
  /** The other node's. */
  readonly replica: Pick<Replica, 'handOff'>;
  readonly ended: () => boolean;
  /** These were taken there, durably. */
  readonly onSent: (records: readonly Located[]) => void;
}

/** What the other does not take is found again by the next round. */
export async function send(keys: readonly Difference[], lane: Lane, parts: SendingParts): Promise<void> {
  const { holdings, replica, ended, onSent } = parts;
  for (let left = keys.filter(({ mine }) => mine !== undefined); left.length > 0 && !ended(); ) {
    const { recordsMax, bytesMax } = await lane.ready();
    const next = left.slice(0, recordsMax);
    const places = next.map(({ place }) => place);
    const found = await holdings.records(places, bytesMax);
    left = left.slice(found.length);
    const records = found.flatMap((record, i) => (isNews(record, next[i]!.theirs) ? [record] : []));
    if (records.length === 0) continue;
    const { held } = await lane.turn(call => replica.handOff(records, call));
    const taken = records.filter((_, i) => held[i]);
    onSent(taken);
  }
}

/** Not so when the other holds the very record that a merge has left here. */
function isNews(found: Located | 'damaged' | undefined, theirs: Uint8Array | undefined): found is Located {
  if (found === undefined || found === 'damaged') return false;
  return theirs === undefined || !sameDigest(found.record.digest, theirs);
}
