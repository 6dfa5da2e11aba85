/** Whoever asks the cluster for anything: the clients of the plan, and the auditor, who asks when they have done. */
import { type ClientParts, numbered, SimClient } from './client.ts';
import { protos, type SimCluster, stream } from './cluster.ts';
import type { Plan } from './plan.ts';
import type { Recorder } from './recorder.ts';
import { MachineClock, Process } from './time/process.ts';
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
      nextWriteId: () => {
        this.#writes += 1;
        return numbered(this.#writes, stream(plan.seed, `write ${this.#writes}`));
      },
    });
  }
}

/** How long that client waits for an answer, all tries together, ms. */
export function patienceOf(client: string, { clients }: Plan): number {
  return clients.clients.find(({ name }) => name === client)?.deadlineMs ?? AUDIT_MS;
}
