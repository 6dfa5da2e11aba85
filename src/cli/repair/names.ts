/** Nodes as sentences name them. Pure. */
import { count } from '../sentences.ts';

interface Named {
  readonly node: string;
}

/** Of more nodes it is said how many. */
const NAMES_MAX = 8;

export function names(nodes: readonly Named[]): string {
  const shown = nodes.slice(0, NAMES_MAX).map(({ node }) => node);
  const more = nodes.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${count(more, 'other')}`;
}

export function areDown(nodes: readonly Named[]): string {
  return `${names(nodes)} ${nodes.length === 1 ? 'is' : 'are'} down`;
}

export function disksFailed(nodes: readonly Named[]): string {
  return `the ${nodes.length === 1 ? 'disk' : 'disks'} of ${names(nodes)} failed`;
}
