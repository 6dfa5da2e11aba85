/**
 * Greets addresses, each at most once at a time, and some of them again and again. Says when, not what: the
 * words and what follows from an answer are the membership's.
 */
import { NODES_MAX } from '../core/limits.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Greeting, Meetings } from '../ports/meeting.ts';
import { type Failure, ReplicaFailed } from '../ports/replica.ts';

/** One greeting and what it came to. */
export interface Exchange {
  /** Where it was sent. */
  readonly address: string;
  readonly asked: Greeting;
  readonly answer: Greeting;
}

export interface GreeterParts {
  readonly meetings: Meetings;
  readonly clock: Clock;
  /** All addresses there are to greet, in any order; this node's own is not among them. */
  readonly everybody: () => Iterable<string>;
  /** Those of them to greet again and again. */
  readonly newcomers: () => Iterable<string>;
  readonly greeting: (address: string) => Greeting;
  /** Gives back further addresses that are worth a greeting. */
  readonly answered: (exchange: Exchange) => readonly string[];
  readonly unanswered: (address: string, failure: Failure) => void;
  /** Called before each round of greetings. */
  readonly onBeat: () => void;
  /** How long until the next round. */
  readonly everyMs: () => number;
}

/** A greeting that takes longer counts as unanswered. */
const GREETING_MS_MAX = 1_000;

export class Greeter {
  readonly #parts: GreeterParts;
  readonly #underWay = new Map<string, Promise<readonly string[]>>();
  #stopped = false;
  #timer: Timer | undefined;

  constructor(parts: GreeterParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#stopped) return;
    this.#parts.onBeat();
    void this.#greetThose(this.#parts.newcomers());
    this.#timer = this.#parts.clock.after(this.#parts.everyMs(), () => this.start());
  }

  /** What is answered from now on is not listened to. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Greets everybody, then whom they point to; resolves when all have answered or failed. Never rejects. */
  greetAll(): Promise<void> {
    return this.#greetThose(this.#parts.everybody());
  }

  async #greetThose(addresses: Iterable<string>): Promise<void> {
    const first = [...addresses];
    const named = await this.#greetEach(first);
    await this.#greetEach(named.filter(address => !first.includes(address)));
  }

  /** Greets these without waiting for it. */
  visit(addresses: readonly string[]): void {
    void this.#greetEach(addresses);
  }

  /**
   * Once more, as soon as the greeting under way there is over; without waiting for it. Whom its answer
   * points to is left to the next round, whose answer names them again.
   */
  again(address: string): void {
    void this.#underWay.get(address)?.then(() => this.#greet(address));
  }

  async #greetEach(addresses: readonly string[]): Promise<readonly string[]> {
    const named = await Promise.all([...new Set(addresses)].sort().map(address => this.#greet(address)));
    return named.flat();
  }

  /** Whoever asks while a greeting is under way waits for that one: what it finds out is found out then. */
  #greet(address: string): Promise<readonly string[]> {
    const underWay = this.#underWay.get(address);
    if (underWay !== undefined) return underWay;
    if (this.#stopped || this.#underWay.size >= 2 * NODES_MAX) return Promise.resolve([]);
    const greeted = this.#exchange(address).finally(() => this.#underWay.delete(address));
    this.#underWay.set(address, greeted);
    return greeted;
  }

  async #exchange(address: string): Promise<readonly string[]> {
    const { clock, meetings, greeting, answered, unanswered } = this.#parts;
    const asked = greeting(address);
    const call = { deadline: clock.now() + GREETING_MS_MAX, cancelled: false };
    let answer: Greeting;
    try {
      answer = await meetings.at(address).meet(asked, call);
    } catch (error) {
      if (!this.#stopped) unanswered(address, error instanceof ReplicaFailed ? error.failure : 'lost');
      return [];
    }
    return this.#stopped ? [] : answered({ address, asked, answer });
  }
}
