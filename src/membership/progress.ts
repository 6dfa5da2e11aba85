/**
 * How far the stores of other nodes had come when they last said so. A disk that is rolled back takes its own marks along: clean mark, floor and
 * trail. What the others have heard stays (TRAPS C6): 1. a machine is set back to its snapshot of yesterday; 2. its node finds everything in
 * order; 3. the first answer to a greeting says that its store once was further.
 */
import type { NodeName } from '../base/ids.ts';
import type { StoreProgress } from '../ports/meeting.ts';

export class Progress {
  readonly #heard = new Map<NodeName, StoreProgress>();

  /** The highest number heard of this store, before `said` is noted; 0 if it is another store than before. */
  note(of: NodeName, said: StoreProgress): number {
    const before = this.#heard.get(of);
    const remembered = before?.id === said.id ? before.lastBatch : 0;
    this.#heard.set(of, { id: said.id, lastBatch: Math.max(remembered, said.lastBatch) });
    return remembered;
  }
}
