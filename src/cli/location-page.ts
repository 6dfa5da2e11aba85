/** `shoal locate` as people read it. */
import type { KeyLocation, Place } from '../client/index.ts';
import { table } from './table.ts';

export function locationPage({ bucket, key, partition, epoch, primaries, fallbacks }: KeyLocation): string {
  const rows = [
    ['NODE', 'ROLE', 'STATE', 'CLIENTS'],
    ...primaries.map(place => placeRow(place, 'primary')),
    ...fallbacks.map(place => placeRow(place, 'fallback')),
  ];
  return `${bucket}/${key} is in partition ${partition}, ring epoch ${epoch}\n\n${table(rows).join('\n')}\n`;
}

function placeRow({ name, up, address }: Place, role: string): readonly string[] {
  return [name, role, up ? 'up' : 'DOWN', address];
}
