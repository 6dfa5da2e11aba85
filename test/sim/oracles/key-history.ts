/** All that is known of one key: what clients asked about it, and which dots their writes were given. */
import type { Actor, WriteId } from '../../../src/base/ids.ts';
import type { Record, Sibling } from '../../../src/core/record/record.ts';
import { compareDots, type Dot, type VersionVector } from '../../../src/core/record/version-vector.ts';
import type { Operation } from '../history.ts';

/** A dot that was given to a write. */
export interface Minting {
  readonly dot: Dot;
  readonly writeId: WriteId;
  readonly writtenAt: number;
}

const NONE: readonly never[] = [];

export class KeyHistory {
  readonly key: string;
  readonly #puts = new Map<WriteId, Operation>();
  readonly #mintings: Minting[] = [];
  readonly #byWrite = new Map<WriteId, Minting[]>();
  readonly #byActor = new Map<Actor, Minting[]>();
  readonly #replacers = new Map<WriteId, Operation[]>();
  readonly #overwrites: Operation[] = [];
  /** Writes that somebody may have replaced, in whatever picture: looked for once. */
  readonly replaceable = new Set<WriteId>();

  constructor(key: string) {
    this.key = key;
  }

  began(operation: Operation): void {
    const { writeId, sight, how } = operation;
    if (writeId !== undefined) this.#puts.set(writeId, operation);
    if (how === 'overwrite') this.#overwrites.push(operation);
    for (const write of sight) {
      const known = this.#replacers.get(write);
      if (known) known.push(operation);
      else this.#replacers.set(write, [operation]);
    }
  }

  /** The put that brought this write; undefined if nobody asked for it under this key. */
  put(write: WriteId): Operation | undefined {
    return this.#puts.get(write);
  }

  /** Those with a context that covers this write. */
  replacers(write: WriteId): readonly Operation[] {
    return this.#replacers.get(write) ?? NONE;
  }

  /** Puts and deletes of whatever is there. */
  get overwrites(): readonly Operation[] {
    return this.#overwrites;
  }

  learn({ siblings }: Record): void {
    for (const sibling of siblings) this.#learn(sibling);
  }

  mintings(write: WriteId): readonly Minting[] {
    return this.#byWrite.get(write) ?? NONE;
  }

  get allMintings(): readonly Minting[] {
    return this.#mintings;
  }

  /** Those that a vector covers, and an older one did not. Both are sorted: one walk along them. */
  *covered(vector: VersionVector, before: VersionVector): Iterable<Minting> {
    let at = 0;
    for (const { actor, counter } of vector) {
      while (at < before.length && before[at]!.actor < actor) at++;
      const from = before[at]?.actor === actor ? before[at]!.counter : 0;
      if (from < counter) yield* this.#between(actor, { from, to: counter });
    }
  }

  /** Whether it may have been carried out twice. */
  mayHaveTwins(write: WriteId): boolean {
    return this.mintings(write).length > 1 || (this.put(write)?.tries.length ?? 0) > 1;
  }

  #between(actor: Actor, { from, to }: { from: number; to: number }): readonly Minting[] {
    const mintings = this.#byActor.get(actor) ?? NONE;
    return mintings.filter(({ dot }) => dot.counter > from && dot.counter <= to);
  }

  #learn({ dot, writeId, writtenAt }: Sibling): void {
    const known = this.#byWrite.get(writeId);
    if (known?.some(minting => compareDots(minting.dot, dot) === 0)) return;
    const minting = { dot, writeId, writtenAt };
    this.#mintings.push(minting);
    if (known) known.push(minting);
    else this.#byWrite.set(writeId, [minting]);
    const ofActor = this.#byActor.get(dot.actor);
    if (ofActor) ofActor.push(minting);
    else this.#byActor.set(dot.actor, [minting]);
  }
}
