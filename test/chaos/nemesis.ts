/**
 * Carries a plan out on real nodes, and remembers when what happened. A node is away until it serves again;
 * the next episode waits for that. A node that ends by itself, or not as it was told to, is a finding.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeEnding } from '../../src/cli/node-process.ts';
import type { LiveNode } from '../processes/support/live-node.ts';
import type { LiveCluster } from '../processes/support/nodes.ts';
import type { Blow, BlowKind, Episode } from './plan.ts';

/** A blow as it was carried out; times are milliseconds of the run. */
export interface Struck {
  readonly kind: BlowKind;
  readonly node: string;
  readonly at: number;
  /** Started or woken again; infinite while it is away. */
  backAt: number;
  /** It serves; infinite until it does. */
  until: number;
}

export interface NemesisParts {
  readonly cluster: LiveCluster;
  /** Milliseconds since the run began. */
  readonly now: () => number;
  readonly tell: (line: string) => void;
}

const DONE: Readonly<Record<BlowKind, string>> = {
  kill: 'is killed',
  freeze: 'is frozen',
  'clean stop': 'is told to end',
};

export class Nemesis {
  readonly struck: Struck[] = [];
  /** What nodes did that nobody told them to. */
  readonly findings: string[] = [];
  readonly #parts: NemesisParts;
  /** Told to end, or about to be. */
  readonly #expected = new Set<LiveNode>();

  constructor(parts: NemesisParts) {
    this.#parts = parts;
    for (const node of parts.cluster.nodes) this.#watch(node);
  }

  /** Until it is over, or all is done; then every node serves. */
  async run(episodes: readonly Episode[], over: AbortSignal): Promise<void> {
    for (const { calmMs, blows } of episodes) {
      await pause(calmMs, over);
      if (over.aborted) return;
      await Promise.all(blows.map(blow => this.#strike(blow, over)));
    }
  }

  /** Nodes end from now on because they are told to. */
  dismiss(): void {
    for (const node of this.#parts.cluster.nodes) this.#expected.add(node);
  }

  async #strike({ kind, node: name, afterMs, awayMs }: Blow, over: AbortSignal): Promise<void> {
    await pause(afterMs, over);
    const { cluster, now, tell } = this.#parts;
    const node = cluster.node(name);
    const struck: Struck = {
      kind,
      node: name,
      at: now(),
      backAt: Number.POSITIVE_INFINITY,
      until: Number.POSITIVE_INFINITY,
    };
    this.struck.push(struck);
    tell(`${name} ${DONE[kind]}, and back in ${(awayMs / 1000).toFixed(1)} s`);
    await this.#sendAway(node, kind);
    await pause(awayMs, over);
    struck.backAt = now();
    await this.#bringBack(node, kind);
    struck.until = now();
  }

  async #sendAway(node: LiveNode, kind: BlowKind): Promise<void> {
    if (kind === 'freeze') return node.freeze();
    this.#expected.add(node);
    if (kind === 'kill') return void (await node.kill());
    const ending = await node.stop();
    if (ending && ending.code !== 0)
      this.findings.push(`${node.spec.name} did not end cleanly: ${describeEnding(ending)}`);
  }

  async #bringBack(node: LiveNode, kind: BlowKind): Promise<void> {
    if (kind === 'freeze') return node.thaw();
    await node.start();
    this.#watch(node);
  }

  #watch(node: LiveNode): void {
    this.#expected.delete(node);
    void node.ended().then(ending => {
      if (ending === undefined || this.#expected.has(node)) return;
      this.findings.push(`${node.spec.name} ended by itself: ${describeEnding(ending)}`);
    });
  }
}

/** Shorter when it is over. */
async function pause(ms: number, over: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: over }).catch(() => {});
}
