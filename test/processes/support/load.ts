/**
 * Load, and the memory of what was acknowledged. Each key has one writer, which writes 1, 2, 3 … over what is
 * there. So a read must show the last number acknowledged before it began, or one attempted later (I1), and
 * nothing that was never written.
 */
import type { Bucket, Client, ReadOptions } from 'shoal';
import { until } from './until.ts';

const KEYS_PER_WRITER = 25;

/** What became of one key. */
interface History {
  acknowledged: number;
  attempted: number;
}

export class Load {
  /** Calls that failed, beyond the SDK's own retries. */
  readonly failures: unknown[] = [];
  /** Reads that showed something else than they must. */
  readonly wrong: string[] = [];
  readonly #histories = new Map<string, History>();
  readonly #writers: Promise<void>[] = [];
  #acknowledgements = 0;
  #stopping = false;

  /** A writer for each of these clients. */
  start(clients: readonly Client[]): void {
    this.#stopping = false;
    for (const client of clients) this.#writers.push(this.#writeOn(client, this.#writers.length));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#writers);
  }

  /** Waits until so many more writes are acknowledged. */
  async acknowledge(more: number): Promise<void> {
    const goal = this.#acknowledgements + more;
    await until(`${more} more writes are acknowledged`, async () => this.#acknowledgements >= goal);
  }

  /** Reads every key through this client, and notes what is wrong. */
  async check(client: Client, options: ReadOptions = {}): Promise<void> {
    const bucket = client.bucket('load');
    await Promise.all([...this.#histories.keys()].map(key => this.#read(bucket, { key, ...options })));
  }

  async #writeOn(client: Client, writer: number): Promise<void> {
    const bucket = client.bucket('load');
    for (let turn = 0; !this.#stopping; turn += 1) {
      const key = `${writer}-${turn % KEYS_PER_WRITER}`;
      await this.#write(bucket, key).catch(error => this.failures.push(error));
      await this.#read(bucket, { key }).catch(error => this.failures.push(error));
    }
  }

  async #write(bucket: Bucket, key: string): Promise<void> {
    const history = this.#histories.get(key) ?? { acknowledged: 0, attempted: 0 };
    this.#histories.set(key, history);
    history.attempted += 1;
    await bucket.put(key, String(history.attempted));
    history.acknowledged = history.attempted;
    this.#acknowledgements += 1;
  }

  async #read(bucket: Bucket, { key, ...options }: ReadOptions & { key: string }): Promise<void> {
    const history = this.#histories.get(key)!;
    const least = history.acknowledged;
    const { values } = await bucket.get(key, options);
    const numbers = values.map(Number);
    const shown = least === 0 || numbers.some(number => number >= least);
    const written = numbers.every(number => number >= 1 && number <= history.attempted);
    if (!shown || !written) this.wrong.push(`${key}: [${numbers}], where ${least} was acknowledged`);
  }
}
