/**
 * A few bytes beside the store that say how far it has come at least: the number of a batch that was
 * committed. Overwritten in place and not synced, so that noting it costs next to nothing: the operating
 * system keeps it through `kill -9`, and after a power cut it may be an older one, or gone, which only makes
 * it say less. A store found below its floor has lost acknowledged batches.
 */
export interface Floor {
  /** Undefined when there is none, or none that can be read. Never rejects. */
  read(): Promise<number | undefined>;
  /**
   * Batches up to this one are committed. Never throws: a floor that cannot be noted is no reason to stop.
   */
  note(batch: number): void;
}
