/**
 * What every member of a cluster says of itself and of the others: one node has answered, and the members it
 * names are asked all at once, once each and for a short time. A node that is down, or frozen, must not make
 * the operator wait who wants to know which one it is. Decides nothing about what the answers mean.
 */
import { AttemptFailed, openChannel } from '../../client/channel.ts';
import { readStatus } from '../../client/cluster-status.ts';
import type { ClusterStatus, MemberStatus, ShoalError } from '../../client/index.ts';
import { SYSTEM } from '../../client/surroundings.ts';
import { loadProtos, type Protos } from '../../wire/protos.ts';
import { oneLine } from '../exit.ts';

export interface Survey {
  /** The node that was asked first, and that named the members. */
  readonly asked: ClusterStatus;
  /** Of all that answered, `asked` among them, in the order in which it names them. */
  readonly answers: readonly ClusterStatus[];
  /** The members that did not. */
  readonly silent: readonly Silent[];
}

export interface Silent {
  readonly name: string;
  /** For people, one line. */
  readonly why: string;
}

/**
 * A healthy node answers in some milliseconds, one that is overrun in a few hundred. With the start of the
 * process and the first question, also when that meets a node that hangs, the command ends within 1.5 s.
 */
const ANSWER_MS_MAX = 500;

/** @param restMs what is left for the whole command */
export async function surveyFrom(
  asked: ClusterStatus,
  restMs: number,
  protos = loadProtos(),
): Promise<Survey> {
  const timeoutMs = Math.max(1, Math.min(ANSWER_MS_MAX, restMs));
  const asking = { asked, protos, timeoutMs };
  const heard = await Promise.all(asked.members.map(member => hear(member, asking)));
  const answers = heard.filter(isAnswer);
  return {
    asked,
    answers: answers.includes(asked) ? answers : [asked, ...answers],
    silent: heard.filter((answer): answer is Silent => !isAnswer(answer)),
  };
}

interface Asking {
  readonly asked: ClusterStatus;
  readonly protos: Protos;
  readonly timeoutMs: number;
}

async function hear({ name, address }: MemberStatus, asking: Asking): Promise<ClusterStatus | Silent> {
  if (name === asking.asked.node) return asking.asked;
  if (address === '') return { name, why: 'nobody has told yet where it listens' };
  try {
    const status = await askAt(address, asking);
    if (status.node === name) return status;
    return { name, why: `${status.node} answers at ${address}` };
  } catch (error) {
    if (error instanceof AttemptFailed) return { name, why: inWords(error.error, { address, ...asking }) };
    throw error;
  }
}

async function askAt(address: string, { protos, timeoutMs }: Asking): Promise<ClusterStatus> {
  const channel = openChannel(address, { protos, surroundings: SYSTEM });
  try {
    return readStatus(await channel.call(protos.cluster.Status, {}, { timeoutMs, write: false }));
  } finally {
    channel.close();
  }
}

/** A process that is gone and one that hangs are told apart: the one is started, the other looked at. */
function inWords(
  { reason, message }: ShoalError,
  { address, timeoutMs }: Asking & { address: string },
): string {
  if (message.includes('ECONNREFUSED')) return `nobody listens at ${address}`;
  if (reason === 'EXPIRED') return `no answer from ${address} within ${Math.round(timeoutMs)} ms`;
  return oneLine(message);
}

function isAnswer(answer: ClusterStatus | Silent): answer is ClusterStatus {
  return 'members' in answer;
}
