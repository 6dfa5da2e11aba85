/**
 * Two nodes' shells over a real port: the door of one, the remotes of the other. Closed when the test is
 * over.
 */
import { onTestFinished } from 'vitest';
import { type NodeName, nodeName } from '../../src/base/ids.ts';
import type { Call } from '../../src/ports/call.ts';
import type { Comparisons } from '../../src/ports/comparisons.ts';
import type { Failure, Replica } from '../../src/ports/replica.ts';
import type { Stamp } from '../../src/ports/stamp.ts';
import { connectPeer } from '../../src/rpc/connect-peer.ts';
import { openPeerDoor, type PeerDoor, type PeerDoorOptions } from '../../src/rpc/peer-door.ts';
import { GrpcRemotes, type RemotesOptions } from '../../src/rpc/remotes.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemTurns } from '../../src/system/turns.ts';
import { protos } from '../support/grpc.ts';
import { KeptLog } from '../support/quiet.ts';
import { STAMP } from '../support/samples.ts';

export const N2 = nodeName('n2');
/** As src/cli/assemble.ts has it, but for chance. */
const SHELL = { protos, clock: systemClock, turns: systemTurns, fraction: () => 0 };

export function callWithin(ms: number): Call {
  return { deadline: systemClock.now() + ms, cancelled: false };
}

const unexpected = () => Promise.reject(new Error('this was not to be asked'));

const unexpectedly = () => {
  throw new Error('this was not to be heard');
};

export function fakeReplica(answers: Partial<Replica>): Replica {
  return { read: unexpected, apply: unexpected, scan: unexpected, handOff: unexpected, ...answers };
}

export function fakeComparisons(answers: Partial<Comparisons>): Comparisons {
  return { sums: unexpected, nodes: unexpected, keys: unexpected, records: unexpected, ...answers };
}

export async function openPeer(options: Partial<PeerDoorOptions>): Promise<PeerDoor> {
  const door = await openPeerDoor({
    address: '127.0.0.1:0',
    replica: fakeReplica({}),
    comparisons: () => fakeComparisons({}),
    coordinator: { put: unexpected, delete: unexpected },
    meeting: { meet: unexpected },
    gossip: { hear: unexpectedly, probe: unexpected },
    admit: () => undefined,
    protos,
    clock: systemClock,
    turns: systemTurns,
    log: new KeptLog(),
    onBug: () => {},
    ...options,
  });
  onTestFinished(() => door.close(0));
  return door;
}

export interface Near {
  readonly remotes: GrpcRemotes;
  /** What the node was told of its calls, in order. */
  readonly told: (readonly [NodeName, 'heard' | Failure])[];
}

/** The other end, which finds every node at the address that `addressOf` gives at the time. */
export function openRemotes(
  addressOf: () => string | undefined,
  { stamp = STAMP, ...options }: Pick<RemotesOptions, 'channelsMax'> & { readonly stamp?: Stamp } = {},
): Near {
  const told: (readonly [NodeName, 'heard' | Failure])[] = [];
  const hooks = {
    addressOf,
    stamp: () => stamp,
    heard: (node: NodeName) => void told.push([node, 'heard']),
    failed: (node: NodeName, failure: Failure) => void told.push([node, failure]),
  };
  const remotes = new GrpcRemotes({
    messages: protos.messages,
    connect: address => connectPeer(address, SHELL),
    hooks,
    ...options,
  });
  onTestFinished(() => remotes.close());
  return { remotes, told };
}
