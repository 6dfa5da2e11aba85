/**
 * One program that uses the cluster through the SDK, as any program would: with its defaults, and with
 * pauses between calls. Remembers every call; a failed one ends nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Bucket,
  type Entry,
  type Got,
  type Put,
  type PutOptions,
  ShoalError,
  type ShownValues,
  type Written,
} from '../../src/client/index.ts';
import { type Deck, type Deed, nameOf } from './deck.ts';
import { type Asked, failureOf, type History, type Told } from './history.ts';

export interface WorkerParts {
  readonly bucket: Bucket;
  readonly deck: Deck;
  readonly history: History;
  /** Milliseconds since the run began. */
  readonly now: () => number;
}

const PAUSE_MS_MEAN = 12;
/** Of changes: another one follows without a read, by what the write itself has shown. */
const ANOTHER = 0.3;

export class Worker {
  readonly #parts: WorkerParts;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  async run(over: AbortSignal): Promise<void> {
    const { deck } = this.#parts;
    while (!over.aborted) {
      await this.#do(deck.deed());
      await sleep(deck.pauseMs(PAUSE_MS_MEAN));
    }
  }

  async #do(deed: Deed): Promise<unknown> {
    const { deck } = this.#parts;
    switch (deed) {
      case 'get':
        return await this.#get(deck.key());
      case 'put over':
        return await this.#put(deck.key(), { kind: 'put over', covers: 'all' });
      case 'put blind':
        return await this.#put(deck.key(), { kind: 'put blind', covers: [], options: { blind: true } });
      case 'change':
        return await this.#change(deck.key());
      case 'delete seen':
        return await this.#deleteSeen(deck.key());
      case 'delete':
        return await this.#delete(deck.key());
      case 'getMany':
        return await this.#getMany(deck.keys());
      case 'putMany':
        return await this.#putMany(deck.keys());
    }
  }

  #get(key: string): Promise<Entry | undefined> {
    return this.#one('get', reading(key), () => this.#parts.bucket.get(key));
  }

  #put(
    key: string,
    how: { readonly kind: string; readonly covers: Asked['covers']; readonly options?: PutOptions },
  ): Promise<Written | undefined> {
    const { bucket, deck } = this.#parts;
    const value = deck.value();
    const asked: Asked = { key, what: 'put', value: nameOf(value), covers: how.covers };
    return this.#one(how.kind, asked, () => bucket.put(key, value, how.options));
  }

  /** What it covers when it is written after: the values that were shown, and the one just written. */
  async #change(key: string): Promise<void> {
    const { bucket, deck } = this.#parts;
    let after: ShownValues | undefined = await this.#get(key);
    let own: readonly string[] = [];
    while (after !== undefined) {
      const value = deck.value();
      const covers = [...own, ...shownBy(after)];
      const asked: Asked = { key, what: 'put', value: nameOf(value), covers };
      const shown: ShownValues = after;
      const written: Written | undefined = await this.#one('put after', asked, () =>
        bucket.put(key, value, { after: shown }),
      );
      own = [nameOf(value)];
      after = deck.chance(ANOTHER) ? written : undefined;
    }
  }

  async #deleteSeen(key: string): Promise<void> {
    const after = await this.#get(key);
    if (after === undefined) return;
    const asked: Asked = { key, what: 'delete', value: undefined, covers: shownBy(after) };
    await this.#one('delete after', asked, () => this.#parts.bucket.delete(key, { after }));
  }

  /**
   * Of whatever is there. Its repeat could remove what others have written in between, so the SDK leaves one
   * of unknown outcome to the program (Bucket.delete); this one reads, and deletes what it sees.
   */
  async #delete(key: string): Promise<void> {
    const asked: Asked = { key, what: 'delete', value: undefined, covers: 'all' };
    let isLeftToUs = false;
    await this.#one('delete', asked, () => this.#parts.bucket.delete(key), {
      isNoFailure: ({ reason }) => {
        isLeftToUs = reason === 'OUTCOME_UNKNOWN';
        return isLeftToUs;
      },
    });
    if (isLeftToUs) await this.#deleteSeen(key);
  }

  /** A call about one key. @returns undefined when it failed */
  async #one<Reply extends ShownValues>(
    kind: string,
    asked: Asked,
    ask: () => Promise<Reply>,
    { isNoFailure = () => false }: { readonly isNoFailure?: (error: ShoalError) => boolean } = {},
  ): Promise<Reply | undefined> {
    const { history, now } = this.#parts;
    const began = now();
    const call = { kind, key: asked.key, began };
    try {
      const reply = await ask();
      history.add({ ...call, ended: now(), failure: undefined }, [{ ...asked, ...toldBy(reply) }]);
      return reply;
    } catch (error) {
      const { failure, ...told } = failureOf(error);
      const isFailure = !(error instanceof ShoalError && isNoFailure(error));
      const ended = now();
      history.add({ ...call, ended, failure: isFailure ? failure : undefined }, [{ ...asked, ...told }]);
      return undefined;
    }
  }

  #getMany(keys: readonly string[]): Promise<void> {
    const ask = (): Promise<readonly Got[]> => this.#parts.bucket.getMany(keys);
    return this.#many('getMany', keys.map(reading), ask);
  }

  #putMany(keys: readonly string[]): Promise<void> {
    const { bucket, deck } = this.#parts;
    const entries = keys.map(key => ({ key, value: deck.value(), blind: deck.chance(0.5) }));
    const asked = entries.map(
      ({ key, value, blind }): Asked => ({
        key,
        what: 'put',
        value: nameOf(value),
        covers: blind ? [] : 'all',
      }),
    );
    return this.#many('putMany', asked, () => bucket.putMany(entries));
  }

  /** Each of its keys has an outcome of its own; if one fails, the call has. */
  async #many(
    kind: string,
    asked: readonly Asked[],
    ask: () => Promise<readonly (Got | Put)[]>,
  ): Promise<void> {
    const { history, now } = this.#parts;
    const began = now();
    const items = await ask();
    const told = items.map(item =>
      item.ok ? toldBy('entry' in item ? item.entry : item.written) : failureOf(item.error),
    );
    const failure = told
      .map(each => ('failure' in each ? String(each.failure) : ''))
      .find(text => text !== '');
    history.add(
      { kind, key: asked[0]!.key, began, ended: now(), failure },
      asked.map((each, i) => ({ ...each, ...told[i]! })),
    );
  }
}

function reading(key: string): Asked {
  return { key, what: 'read', value: undefined, covers: [] };
}

function toldBy(reply: ShownValues): Told {
  const { answered, fallback } = reply.replicas;
  return { outcome: 'acknowledged', shown: shownBy(reply), primaries: answered - fallback };
}

function shownBy({ siblings }: ShownValues): readonly string[] {
  return siblings.map(({ value }) => nameOf(value));
}
