/**
 * What a node counts since its start, and what it measures when somebody looks; shown by `shoal status -o
 * json`. Names are DESIGN §2's words, dotted: `read.repair`.
 */
export interface Metrics {
  count(name: string, by?: number): void;
  /** Something that goes up and down, read when a snapshot is taken. The newest under a name counts. */
  gauge(name: string, read: () => number): void;
  /** Name → number, sorted by name. */
  snapshot(): ReadonlyMap<string, number>;
}
