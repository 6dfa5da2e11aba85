/** All that is known of one key: what clients asked about it, and which dots their writes were given. */
import type { WriteId } from '../../../src/base/ids.ts';
import type { Record, Sibling } from '../../../src/core/record/record.ts';
import {
  compareDots,
  covers,
  type Dot,
  type VersionVector,
} from '../../../src/core/record/version-vector.ts';
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
  readonly #replacers = new Map<WriteId, Operation[]>();
  readonly #overwrites: Operation[] = [];

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

  /** Those that a vector covers, and an older one did not. */
  *covered(vector: VersionVector, before: VersionVector): Iterable<Minting> {
    const news = vector.filter(entry => !covers(before, entry));
    if (news.length === 0) return;
    for (const minting of this.#mintings) {
      if (covers(news, minting.dot) && !covers(before, minting.dot)) yield minting;
    }
  }

  /** Whether it may have been carried out twice. */
  mayHaveTwins(write: WriteId): boolean {
    return this.mintings(write).length > 1 || (this.put(write)?.tries.length ?? 0) > 1;
  }

  #learn({ dot, writeId, writtenAt }: Sibling): void {
    const known = this.#byWrite.get(writeId);
    if (known?.some(minting => compareDots(minting.dot, dot) === 0)) return;
    const minting = { dot, writeId, writtenAt };
    this.#mintings.push(minting);
    if (known) known.push(minting);
    else this.#byWrite.set(writeId, [minting]);
  }
}
