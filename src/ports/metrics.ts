/** Counters since the start of the node, shown by `shoal status`. Names are DESIGN §2's words, dotted: `read.repair`. */
export interface Metrics {
  count(name: string, by?: number): void;
  /** Name → count, sorted by name. */
  snapshot(): ReadonlyMap<string, number>;
}
