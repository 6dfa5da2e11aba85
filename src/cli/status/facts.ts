/**
 * The facts of `shoal status`, each a row of a label and what is to be said; a row without a label goes on
 * with the one above. What is as it should be is said of the node that was asked; what is not, of every node.
 */
import type { ClusterStatus } from '../../client/index.ts';
import { duration } from '../duration.ts';
import { groupBy } from '../group.ts';
import { count } from '../sentences.ts';
import { type Owed, owedHints } from './owed.ts';
import { recoveringText } from './recovering.ts';
import { repairLines } from './repair-lines.ts';
import { sightingsOf, silentMs, UP } from './sightings.ts';
import type { Survey } from './survey.ts';

type Row = readonly [label: string, text: string];

const STATES: Readonly<Record<string, string>> = {
  serving: 'serving',
  waiting: 'WAITING for others before it serves',
  'storage-faulted': 'STORAGE FAULTED: its disk failed; it answers reads only, until it is restarted',
  draining: 'DRAINING: it is shutting down',
};

export function facts(survey: Survey): readonly Row[] {
  return [
    ...rows('node', nodes(survey)),
    ...rows('silent', silent(survey)),
    ...rows('cluster', clusters(survey)),
    ...rows('members', [members(survey)]),
    ...rows('records', [`${survey.asked.records} on this node`]),
    ...rows('foreign', foreign(survey)),
    ...rows('hints', hints(survey)),
    ...rows('repair', repairLines(survey.answers)),
  ];
}

/** None when there is nothing to say. */
function rows(label: string, texts: readonly string[]): readonly Row[] {
  return texts.map((text, i) => [i === 0 ? label : '', text]);
}

function nodes({ asked, answers }: Survey): readonly string[] {
  const others = answers.filter(answer => answer !== asked);
  return [asked, ...others.filter(isTroubled)].map(status => {
    const state = STATES[status.state] ?? status.state;
    const isFilling = status.state === 'serving' && status.recoveringPartitions > 0;
    return `${status.node}, ${isFilling ? recoveringText(status) : state}`;
  });
}

function isTroubled({ state, recoveringPartitions }: ClusterStatus): boolean {
  return state !== 'serving' || recoveringPartitions > 0;
}

function silent({ silent: all }: Survey): readonly string[] {
  return all.map(({ name, why }) => `${name}: ${why}`);
}

function clusters({ asked, answers }: Survey): readonly string[] {
  if (asked.clusterId === '') return ['not founded yet'];
  const born = answers.filter(({ clusterId }) => clusterId !== '');
  const different = born.filter(answer => ringName(answer) !== ringName(asked));
  return [cluster(asked), ...different.map(answer => `${answer.node} has ANOTHER RING: ${ringName(answer)}`)];
}

function cluster(status: ClusterStatus): string {
  const { partitions, replication } = status;
  return `${ringName(status)}, ${partitions} partitions, ${replication} replicas`;
}

function ringName({ clusterId, epoch, ringDigest }: ClusterStatus): string {
  return `${clusterId}, ring epoch ${epoch} (${ringDigest.slice(0, 8)})`;
}

/** "3, all up", "5, 1 DOWN: n2 (silent for 40 s), 1 seen differently: n4" */
function members(survey: Survey): string {
  const names = survey.asked.members.map(({ name }) => name);
  const told = [...groupBy(names, name => agreedState(name, survey))]
    .filter(([state]) => state !== UP)
    .map(
      ([state, some]) =>
        `${some.length} ${state}: ${some.map(name => named(name, { state, survey })).join(', ')}`,
    );
  return `${names.length}, ${told.length === 0 ? 'all up' : told.join(', ')}`;
}

const DIFFERENTLY = 'seen DIFFERENTLY';

function agreedState(name: string, survey: Survey): string {
  const [most, ...others] = sightingsOf(name, survey);
  return others.length === 0 ? most!.state : DIFFERENTLY;
}

function named(name: string, { state, survey }: { state: string; survey: Survey }): string {
  return state === DIFFERENTLY ? name : `${name} (silent for ${duration(silentMs(name, survey.answers))})`;
}

function foreign({ answers }: Survey): readonly string[] {
  const keepers = answers.filter(({ foreignRecords }) => foreignRecords > 0);
  if (keepers.length === 0) return [];
  const kept = keepers.map(({ node, foreignRecords }) => `${count(foreignRecords, 'record')} at ${node}`);
  return [`${kept.join(', ')}, kept for others until those have them`];
}

function hints(survey: Survey): readonly string[] {
  const { answers, silent: unheard } = survey;
  const owed = owedHints(answers);
  if (owed.length > 0) return owed.map(each => hintLine(each, survey));
  // A node of the version before does not say for whom they are.
  const known = answers.reduce((sum, answer) => sum + answer.hints, 0);
  if (known > 0) return [`${count(known, 'note')} of writes that others have missed`];
  return [unheard.length === 0 ? 'none' : 'none at the nodes that answer'];
}

/** "12 for n2, the oldest 40 s old, at n1 (7), n3 (5): n2 gets them when it is back" */
function hintLine({ target, count: notes, oldestMs, at }: Owed, survey: Survey): string {
  const keepers = at.map(({ node, count: some }) => (at.length === 1 ? node : `${node} (${some})`));
  const whole = `${notes} for ${target}, the oldest ${duration(oldestMs)} old, at ${keepers.join(', ')}`;
  return `${whole}: ${prospect(target, survey)}`;
}

/** What is to be expected of hints for this node. */
function prospect(target: string, survey: Survey): string {
  if (!survey.asked.members.some(({ name }) => name === target)) return `${target} is NO MEMBER`;
  const told = survey.answers.find(({ node }) => node === target);
  if (told?.state === 'storage-faulted') return `${target} takes nothing in, for its DISK FAILED`;
  const [most] = sightingsOf(target, survey);
  return most!.state === UP ? `${target} is getting them` : `${target} gets them when it is back`;
}
