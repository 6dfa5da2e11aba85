/**
 * `shoal status` as an operator reads it at three in the morning: what is wrong stands in capitals, and
 * first; when nothing is, it is short. Above are the facts (facts.ts), below the members.
 */
import type { MemberStatus } from '../../client/index.ts';
import { table } from '../table.ts';
import { facts } from './facts.ts';
import { sightingsOf } from './sightings.ts';
import type { Survey } from './survey.ts';

/** Of a node that answers, behind how the others see it. */
const OWN_STATES: Readonly<Record<string, string>> = {
  serving: '',
  waiting: ', WAITING',
  'storage-faulted': ', STORAGE FAULTED',
  draining: ', DRAINING',
};

export function statusPage(survey: Survey): string {
  const parts = [table(facts(survey)), awaited(survey), members(survey)];
  return parts
    .filter(lines => lines.length > 0)
    .map(lines => `${lines.join('\n')}\n`)
    .join('\n');
}

function awaited({ asked, answers }: Survey): readonly string[] {
  const sentences = answers.flatMap(({ node, awaited: all }) =>
    all.map(sentence => (node === asked.node ? sentence : `${node}: ${sentence}`)),
  );
  return sentences.length === 0 ? [] : ['AWAITED', ...sentences.map(sentence => `  ${sentence}`)];
}

function members(survey: Survey): readonly string[] {
  const { members: all } = survey.asked;
  if (all.length === 0) return [];
  const heads = ['MEMBER', 'STATE', 'ZONE', 'WEIGHT', 'PARTITIONS', 'CLIENTS', 'PEERS'];
  return table([heads, ...all.map(member => memberRow(member, survey))]);
}

function memberRow(member: MemberStatus, survey: Survey): readonly string[] {
  const { name, zone, weight, partitions, address, peerAddress } = member;
  const state = stateOf(name, survey);
  return [name, state, zone === '' ? '-' : zone, String(weight), String(partitions), address, peerAddress];
}

/** "up", "up (this node)", "up, DRAINING; DOWN for n2, n5" */
function stateOf(name: string, survey: Survey): string {
  const { asked, answers } = survey;
  const [most, ...others] = sightingsOf(name, survey);
  const told = answers.find(({ node }) => node === name);
  const own = told?.state ?? 'serving';
  const filling = (told?.recoveringPartitions ?? 0) > 0 ? ', RECOVERING' : '';
  const here = name === asked.node ? ' (this node)' : '';
  const otherwise = others.map(({ state, by }) => `; ${state} for ${by.join(', ')}`).join('');
  return `${most!.state}${here}${OWN_STATES[own] ?? `, ${own}`}${filling}${otherwise}`;
}
