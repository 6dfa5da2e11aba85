/**
 * Whoever asks the cluster for anything: the clients of the plan, and the auditor, who asks when they have
 * done.
 */
import { Buffer } from 'node:buffer';
import { type WriteId, writeId } from '../../src/base/ids.ts';
import type { SeededRandom } from '../../src/base/random.ts';
import { type ClientParts, SimClient } from './client.ts';
import { protos, type SimCluster, stream } from './cluster.ts';
import type { Plan } from './plan.ts';
import type { Recorder } from './recorder.ts';
import { MachineClock } from './time/machine-clock.ts';
import { Process } from './time/process.ts';
import { storedValueOf } from './values.ts';
import { Workload } from './workload.ts';

const AUDIT_MS = 3_000;

export interface ClientsParts {
  readonly plan: Plan;
  readonly cluster: SimCluster;
  readonly recorder: Recorder;
}

export class Clients {
  readonly auditor: SimClient;
  readonly workload: Workload;
  readonly #parts: ClientsParts;
  #writes = 0;

  constructor(parts: ClientsParts) {
    this.#parts = parts;
    const { plan, cluster } = parts;
    this.auditor = this.#client({ name: 'auditor', deadlineMs: AUDIT_MS, retries: 0, pauseMs: 0 });
    this.workload = new Workload(
      plan.clients.clients.map(client => ({
        plan: client,
        client: this.#client(client),
        random: stream(plan.seed, client.name),
      })),
      { world: cluster.world, keys: plan.clients.keys },
    );
  }

  #client(of: Pick<ClientParts, 'name' | 'deadlineMs' | 'retries' | 'pauseMs'>): SimClient {
    const { plan, cluster, recorder } = this.#parts;
    const { world, network } = cluster;
    const clock = new MachineClock({ world, rate: 1, wallOffMs: 0 });
    return new SimClient({
      ...of,
      process: new Process({ world, name: of.name, clock }),
      network,
      protos,
      recorder,
      random: stream(plan.seed, `nodes for ${of.name}`),
      nodes: plan.cluster.nodes,
      pipelined: plan.streams.pipelined.includes(of.name),
      nextWrite: () => this.#nextWrite(),
    });
  }

  #nextWrite(): { id: WriteId; value: Uint8Array } {
    const { seed, valueBytesMax } = this.#parts.plan;
    this.#writes += 1;
    const random = stream(seed, `write ${this.#writes}`);
    const id = numbered(this.#writes, random);
    return { id, value: storedValueOf(id, random.below(valueBytesMax + 1)) };
  }
}

/** Write number so much, in an id that people can read (history.ts). */
function numbered(n: number, random: SeededRandom): WriteId {
  const bytes = Buffer.from(random.bytes(16));
  bytes.writeUInt32BE(n, 0);
  return writeId(bytes);
}

/** How long that client waits for an answer, all tries together, ms. */
export function patienceOf(client: string, { clients }: Plan): number {
  return clients.clients.find(({ name }) => name === client)?.deadlineMs ?? AUDIT_MS;
}
