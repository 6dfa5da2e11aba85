/**
 * How the nodes that answered see a member: each may see it otherwise, and after a cut they do. What a node
 * takes itself for counts only where nobody else was asked.
 */
import type { ClusterStatus, MemberStatus } from '../../client/index.ts';
import { groupBy } from '../group.ts';
import type { Survey } from './survey.ts';

/** A state, and who sees the member in it. */
export interface Sighting {
  /** For people; what is wrong in capitals. */
  readonly state: string;
  readonly by: readonly string[];
}

export const UP = 'up';

/** A member is taken for alive (others hear it), and still this node cannot ask it. */
const UNREACHED = 'UNREACHED';

const WORDS: Readonly<Record<string, string>> = { alive: UP, suspect: 'SUSPECT', down: 'DOWN' };

/** What most see first; of equals, what the node sees that was asked first. At least one. */
export function sightingsOf(
  name: string,
  { asked, answers }: Pick<Survey, 'asked' | 'answers'>,
): readonly Sighting[] {
  const others = answers.filter(({ node }) => node !== name);
  const observers = others.length === 0 ? [asked] : others;
  const inOrder = [...observers].sort((a, b) => Number(b === asked) - Number(a === asked));
  const byState = groupBy(inOrder, observer => stateFor(observer, name));
  return [...byState]
    .map(([state, seers]) => ({ state, by: seers.map(({ node }) => node).sort() }))
    .sort((a, b) => b.by.length - a.by.length);
}

/** For how long nobody that answered has heard of it. */
export function silentMs(name: string, answers: readonly ClusterStatus[]): number {
  const seen = answers
    .filter(({ node }) => node !== name)
    .map(answer => memberOf(answer, name)?.silentMs ?? 0);
  return seen.length === 0 ? 0 : Math.min(...seen);
}

function stateFor(observer: ClusterStatus, name: string): string {
  const member = memberOf(observer, name);
  if (member === undefined) return 'unknown';
  const { state, up } = member;
  // A node of the version before has no states.
  if (state === '') return up ? UP : 'DOWN';
  return state === 'alive' && !up ? UNREACHED : (WORDS[state] ?? state);
}

function memberOf({ members }: ClusterStatus, name: string): MemberStatus | undefined {
  return members.find(member => member.name === name);
}
