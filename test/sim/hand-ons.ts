/**
 * Puts that one node hands on to two others at once, because the first is silent
 * (src/coordinator/hand-on.ts): then the write was tried twice, though its client asked once, and is owed
 * what a write is that was.
 */
import type { WriteId } from '../../src/base/ids.ts';

type OnBeside = (write: WriteId, node: string) => void;

export class HandOns {
  /** How many of each write have not ended. */
  readonly #underWay = new Map<WriteId, number>();
  readonly #onBeside: OnBeside[] = [];

  /** Calls back for each that is begun beside another one of the same write. */
  onBeside(action: OnBeside): void {
    this.#onBeside.push(action);
  }

  /** @returns to be called once, when it has ended for whoever has handed it on */
  began(write: WriteId, node: string): () => void {
    const others = this.#underWay.get(write) ?? 0;
    this.#underWay.set(write, others + 1);
    if (others > 0) for (const tell of this.#onBeside) tell(write, node);
    return () => this.#underWay.set(write, this.#underWay.get(write)! - 1);
  }
}
