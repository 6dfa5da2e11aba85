/**
 * How many bytes of messages this node and others have exchanged because this one asked, by what they are
 * about: what a repair costs a network, and what comparing costs where nothing differs. Without frames and
 * what is below them: some 40 bytes a message. Every message is asked for by one node, so the sum over all
 * nodes has each once. Plain sums, read when somebody looks: every request comes by here.
 */
import type { Metrics } from '../ports/metrics.ts';

/** `records`: many at once, brought or fetched. */
export type About = 'requests' | 'comparisons' | 'records' | 'gossip';

export class Traffic {
  readonly #bytes: Record<About, number> = { requests: 0, comparisons: 0, records: 0, gossip: 0 };

  add(about: About, { byteLength }: Uint8Array): void {
    this.#bytes[about] += byteLength;
  }

  gaugeIn(metrics: Metrics): void {
    metrics.gauge('peers.bytes.requests', () => this.#bytes.requests);
    metrics.gauge('peers.bytes.comparisons', () => this.#bytes.comparisons);
    metrics.gauge('peers.bytes.records', () => this.#bytes.records);
    metrics.gauge('peers.bytes.gossip', () => this.#bytes.gossip);
  }
}
