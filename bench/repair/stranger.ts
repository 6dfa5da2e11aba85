/**
 * The bench in a node's place: asks another for its records as that node would, over a link of its own whose
 * bytes are counted. What it must know of the cluster for that, nodes keep on their disks.
 */
import { join } from 'node:path';
import { nodeName } from '../../src/base/ids.ts';
import type { NodeSpec } from '../../src/cli/node-process.ts';
import { remember } from '../../src/membership/cluster-file.ts';
import { stampOf } from '../../src/membership/stamp.ts';
import type { Replica } from '../../src/ports/replica.ts';
import type { Stamp } from '../../src/ports/stamp.ts';
import { connectPeer } from '../../src/rpc/connect-peer.ts';
import { GrpcRemotes } from '../../src/rpc/remotes.ts';
import { DiskFile } from '../../src/storage/durable-file.ts';
import { systemClock } from '../../src/system/clock.ts';
import { Counters } from '../../src/system/counters.ts';
import { systemTurns } from '../../src/system/turns.ts';
import { loadProtos } from '../../src/wire/protos.ts';

const protos = loadProtos();

export interface Line {
  readonly replica: Replica;
  /** Of records asked for or brought, and of the answers. */
  readonly bytes: () => number;
  readonly close: () => void;
}

/** @param as the node whose place the bench takes */
export async function lineTo(to: NodeSpec, as: NodeSpec): Promise<Line> {
  const stamp = await stampFor(to, as);
  const shell = { protos, clock: systemClock, turns: systemTurns, fraction: Math.random };
  const remotes = new GrpcRemotes({
    messages: protos.messages,
    connect: address => connectPeer(address, shell),
    hooks: { addressOf: () => to.peerListen, stamp: () => stamp, heard: () => {}, failed: () => {} },
  });
  const counters = new Counters();
  remotes.traffic.gaugeIn(counters);
  return {
    replica: remotes.replica(nodeName(to.name)),
    bytes: () => counters.snapshot().get('peers.bytes.records') ?? 0,
    close: () => remotes.close(),
  };
}

/** As the other side knows the node: it refuses another process under that name. */
async function stampFor(to: NodeSpec, as: NodeSpec): Promise<Stamp> {
  const { cluster, members } = await remember(new DiskFile(join(to.data, 'cluster.json')));
  const known = members.find(({ name }) => name === as.name);
  if (cluster === undefined || known === undefined) throw new Error(`${to.name} does not know ${as.name}`);
  return stampOf(cluster, { sender: known.name, recipient: nodeName(to.name), bootId: known.bootId });
}
