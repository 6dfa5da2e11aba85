/**
 * Asks one member whether it lives: by gossip with it, and, when it does not answer in time, through others
 * (indirect probes: SWIM, Das et al. 2002 §4.1). What comes of it is told; what follows from it the detector
 * decides.
 */
import { passOnBugs } from '../base/assert.ts';
import type { NodeName } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import { pause } from '../ports/clock.ts';
import type { Gossip, Gossiper } from '../ports/gossip.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Random } from '../ports/random.ts';
import { ReplicaFailed } from '../ports/replica.ts';
import type { Acquaintances } from './acquaintances.ts';
import type { Gossiping } from './gossip.ts';
import { shuffled } from './turns.ts';

export interface QuestionsParts {
  readonly acquaintances: Acquaintances;
  readonly gossip: Gossiping;
  readonly gossiper: (name: NodeName) => Gossiper;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  /** It has answered, and said this. */
  readonly onAnswered: (name: NodeName, said: Gossip) => void;
  /** Somebody else answers where it was, or it will not have to do with this node. */
  readonly onStranger: (name: NodeName) => void;
  /** Another member has heard it just now. */
  readonly onHeardOf: (name: NodeName) => void;
}

/** What a question has come to. */
export interface Signs {
  readonly answered: boolean;
  /** What others said who were asked about it. */
  readonly words: readonly Word[];
}

/** Whether it answers that other one; `nothing`: that one does not answer either. */
export type Word = 'alive' | 'silent' | 'nothing';

/**
 * How long a member has before others are asked about it, and how long they have: some tens of round trips.
 */
const DIRECT_MS = 250;
const INDIRECT_MS = 350;
const HELPERS = 3;
/** All is exchanged with one member so often, and at most so often with members that disagree. */
const WHOLE_EVERY_MS = 30_000;
const WHOLE_AGAIN_MS = 1_000;

export class Questions {
  readonly #parts: QuestionsParts;
  /** By member: the one that reached it last when this node could not. */
  readonly #helped = new Map<NodeName, NodeName>();
  #wholeAt: number;
  #stopped = false;

  constructor(parts: QuestionsParts) {
    this.#parts = parts;
    this.#wholeAt = parts.clock.now();
  }

  /** What is answered from now on is not listened to. */
  stop(): void {
    this.#stopped = true;
  }

  /** @param patience by how much all times are stretched */
  async ask(name: NodeName, patience: number): Promise<Signs> {
    const ms = (DIRECT_MS + INDIRECT_MS) * patience;
    const direct = this.#exchange(name, { whole: this.#isTimeForAll(), ms });
    const late = pause(this.#parts.clock, DIRECT_MS * patience).then(() => false);
    if (await Promise.race([direct, late])) return { answered: true, words: [] };
    const helpers = this.#stopped ? [] : this.#helpers(name);
    const words = await Promise.all(helpers.map(helper => this.#askThrough(helper, name, patience)));
    return { answered: await direct, words };
  }

  /** Whether it answers at once. @param msMax nobody waits for longer to hear of it */
  askOnce(name: NodeName, msMax = DIRECT_MS): Promise<boolean> {
    return this.#exchange(name, { whole: false, ms: Math.min(DIRECT_MS, msMax) });
  }

  /** Tells a few members what is new. Resolves when they have heard it, or do not answer. */
  async tellSome(): Promise<void> {
    const listeners = this.#helpers(this.#parts.acquaintances.self.name);
    await Promise.all(listeners.map(name => this.askOnce(name)));
  }

  /** If the helper says that the target lives, that is told. */
  async #askThrough(helper: NodeName, target: NodeName, patience: number): Promise<Word> {
    const { clock, gossiper, metrics, onHeardOf } = this.#parts;
    metrics.count('probe.indirect');
    const call = { deadline: clock.now() + INDIRECT_MS * patience, cancelled: false };
    try {
      if (!(await gossiper(helper).probe(target, call))) return 'silent';
      this.#helped.set(target, helper);
      onHeardOf(target);
      return 'alive';
    } catch (error) {
      passOnBugs(error);
      return 'nothing';
    }
  }

  /** One exchange; true if it was answered by the member that was meant. */
  async #exchange(name: NodeName, { whole, ms }: { whole: boolean; ms: number }): Promise<boolean> {
    const { clock, gossip, gossiper, metrics } = this.#parts;
    const sentAt = clock.now();
    const call = { deadline: sentAt + ms, cancelled: false };
    metrics.count(whole ? 'gossip.whole' : 'gossip.rounds');
    try {
      const said = await gossiper(name).gossip(gossip.say(name, { whole }), call);
      if (!this.#stopped) this.#answered(name, said, { whole });
      return true;
    } catch (error) {
      passOnBugs(error);
      return this.#isThere(name, { sentAt, error });
    }
  }

  #answered(name: NodeName, said: Gossip, { whole }: { whole: boolean }): void {
    const { gossip, onAnswered } = this.#parts;
    gossip.hear(said, name);
    onAnswered(name, said);
    if (!whole && !gossip.agreesWith(said)) this.#compareAll(name);
  }

  /**
   * Whoever says that it has too much to do is not gone; but it may also be this side that has, for a link
   * full of calls to one that is. A refusal is somebody else's, or of one that will not have to do with this
   * node.
   */
  #isThere(name: NodeName, { sentAt, error }: { readonly sentAt: number; readonly error: unknown }): boolean {
    if (!(error instanceof ReplicaFailed)) throw error;
    const { acquaintances, onStranger } = this.#parts;
    if (error.failure === 'refused' && !this.#stopped) onStranger(name);
    return error.failure === 'overloaded' && (acquaintances.heardAt(name) ?? 0) >= sentAt;
  }

  /** Their views differ after all that was new was told. */
  #compareAll(name: NodeName): void {
    const now = this.#parts.clock.now();
    if (now - this.#wholeAt < WHOLE_AGAIN_MS) return;
    this.#wholeAt = now;
    void this.#exchange(name, { whole: true, ms: DIRECT_MS + INDIRECT_MS });
  }

  #isTimeForAll(): boolean {
    const now = this.#parts.clock.now();
    if (now - this.#wholeAt < WHOLE_EVERY_MS) return false;
    this.#wholeAt = now;
    return true;
  }

  /**
   * Those through whom to ask about a member: the one that reached it last, so that a bridge is found once
   * and for all; then any that answer.
   */
  #helpers(about: NodeName): readonly NodeName[] {
    const { acquaintances, random } = this.#parts;
    const names = acquaintances.others().map(({ name }) => name);
    const answering = names.filter(name => name !== about && acquaintances.reachable(name));
    const known = this.#helped.get(about);
    const isKnown = (name: NodeName) => name === known;
    const rest = shuffled(
      answering.filter(name => !isKnown(name)),
      random,
    );
    return [...answering.filter(isKnown), ...rest].slice(0, HELPERS);
  }
}
