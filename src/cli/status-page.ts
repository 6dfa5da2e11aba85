/**
 * `shoal status` and `shoal locate` as an operator reads them at three in the morning: what is wrong stands
 * in capitals, and first.
 */
import type { ClusterStatus, KeyLocation, MemberStatus, Place } from '../client/index.ts';
import { count } from './sentences.ts';
import { table } from './table.ts';

const STATES: Readonly<Record<string, string>> = {
  serving: 'serving',
  waiting: 'WAITING for others before it serves',
  'storage-faulted': 'STORAGE FAULTED: its disk failed; it answers reads only, until it is restarted',
  draining: 'DRAINING: it is shutting down',
};

export function statusPage(status: ClusterStatus): string {
  const parts = [facts(status), awaited(status), members(status)];
  return parts
    .filter(lines => lines.length > 0)
    .map(lines => `${lines.join('\n')}\n`)
    .join('\n');
}

function facts(status: ClusterStatus): readonly string[] {
  const { node, state, members: all } = status;
  const down = all.filter(member => !member.up);
  const names = down.map(member => member.name).join(', ');
  return table([
    ['node', `${node}, ${STATES[state] ?? state}`],
    ['cluster', cluster(status)],
    ['members', down.length === 0 ? `${all.length}, all up` : `${all.length}, ${down.length} DOWN: ${names}`],
    ['records', `${status.records} on this node${recovering(status)}`],
    [
      'hints',
      status.hints === 0
        ? 'none'
        : `${count(status.hints, 'note')} of writes that others have missed; kept, not replayed in this version`,
    ],
  ]);
}

function cluster({ clusterId, epoch, partitions, replication, ringDigest }: ClusterStatus): string {
  if (clusterId === '') return 'not founded yet';
  const ring = `ring epoch ${epoch} (${ringDigest.slice(0, 8)})`;
  return `${clusterId}, ${ring}, ${partitions} partitions, ${replication} replicas`;
}

function recovering({ recoveringPartitions: left }: ClusterStatus): string {
  return left === 0 ? '' : `, ${count(left, 'partition')} RECOVERING: not counted in strict reads yet`;
}

function awaited({ awaited: sentences }: ClusterStatus): readonly string[] {
  return sentences.length === 0 ? [] : ['AWAITED', ...sentences.map(sentence => `  ${sentence}`)];
}

function members({ node, members: all }: ClusterStatus): readonly string[] {
  if (all.length === 0) return [];
  const heads = ['MEMBER', 'STATE', 'ZONE', 'WEIGHT', 'PARTITIONS', 'CLIENTS', 'PEERS'];
  return table([heads, ...all.map(member => memberRow(member, { self: member.name === node }))]);
}

function memberRow(member: MemberStatus, { self }: { self: boolean }): readonly string[] {
  const { name, up, zone, weight, partitions, address, peerAddress } = member;
  const state = up ? (self ? 'up (this node)' : 'up') : 'DOWN';
  return [name, state, zone === '' ? '-' : zone, String(weight), String(partitions), address, peerAddress];
}

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
