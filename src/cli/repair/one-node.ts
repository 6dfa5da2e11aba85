/**
 * The one node that a repair is asked of, and of which it is then asked how far it is. The SDK would go to
 * another node that is well, and that one knows nothing of this request.
 */
import { AttemptFailed, type Channel, openChannel } from '../../client/channel.ts';
import { type ClusterStatus, readStatus } from '../../client/cluster-status.ts';
import type { ShoalError } from '../../client/index.ts';
import { callFailure } from '../../client/outcome.ts';
import { SYSTEM } from '../../client/surroundings.ts';
import { loadProtos, type Protos } from '../../wire/protos.ts';
import { surveyFrom } from '../status/survey.ts';
import type { PeersAsking } from './waiting.ts';

export interface OneNode {
  readonly address: string;
  /** Its name. */
  readonly node: string;
  /** The number of the request. */
  readonly asked: number;
  /** Rejects with ShoalError. */
  status(timeoutMs: number): Promise<ClusterStatus>;
  /** What those say of themselves that answer. */
  peers(asking: PeersAsking): Promise<readonly ClusterStatus[]>;
  close(): void;
}

export interface Asking {
  readonly addresses: readonly string[];
  /** For all of them together. */
  readonly timeoutMs: number;
}

/** Asks the first of these that answers for a repair. Rejects with ShoalError. */
export async function askForRepair({ addresses, timeoutMs: allMs }: Asking): Promise<OneNode> {
  const protos = loadProtos();
  const end = performance.now() + allMs;
  const failures: ShoalError[] = [];
  for (const [index, address] of addresses.entries()) {
    const timeoutMs = Math.max(1, (end - performance.now()) / (addresses.length - index));
    const answer = await askAt(address, { protos, timeoutMs });
    if (!(answer instanceof AttemptFailed)) return answer;
    failures.push(answer.error);
  }
  throw callFailure(failures);
}

interface Terms {
  readonly protos: Protos;
  readonly timeoutMs: number;
}

async function askAt(address: string, { protos, timeoutMs }: Terms): Promise<OneNode | AttemptFailed> {
  const channel = openChannel(address, { protos, surroundings: SYSTEM });
  try {
    const { node, asked } = await channel.call(protos.cluster.Repair, {}, { timeoutMs, write: false });
    return {
      address,
      node,
      asked,
      status: ms => statusOf(channel, { protos, timeoutMs: ms }),
      peers: asking => peersOf(asking, protos),
      close: () => channel.close(),
    };
  } catch (error) {
    channel.close();
    if (error instanceof AttemptFailed) return error;
    throw error;
  }
}

async function statusOf(channel: Channel, { protos, timeoutMs }: Terms): Promise<ClusterStatus> {
  try {
    return readStatus(await channel.call(protos.cluster.Status, {}, { timeoutMs, write: false }));
  } catch (error) {
    throw error instanceof AttemptFailed ? error.error : error;
  }
}

async function peersOf(
  { asked, members, timeoutMs }: PeersAsking,
  protos: Protos,
): Promise<readonly ClusterStatus[]> {
  const { answers } = await surveyFrom({ ...asked, members }, timeoutMs, protos);
  return answers.filter(({ node }) => node !== asked.node);
}
