/**
 * Finds out who is gone (DESIGN §7, *Detection*). Every beat this node gossips with one member in turn, and
 * with a few more about whom there is doubt; that is its ping (SWIM, Das et al. 2002). Who does not answer is
 * asked through others before it is suspected; who stays suspect without a word is called down (suspicion).
 * Silence that is unusual on a busy link has a member asked out of turn (accrual). Whatever comes of a member
 * at all is evidence that it lives.
 *
 *   D1  nobody is called down by whoever has heard anything of it since it was suspected, until that is
 *       {@link SUSPICION_MS_MAX} ago
 *   D2, D3  it doubts itself first (self-doubt)
 *
 * A member that this node cannot reach, while others can, is alive and not to be asked: no flapping in
 * asymmetric cuts and at bridges (TRAPS R12). State is looked at once a beat, in one place (`#beat`); how a
 * member is asked is not decided here (questions).
 */
import type { NodeName } from '../base/ids.ts';
import { Rhythm } from '../core/membership/accrual.ts';
import { SUSPICION_MS_MAX, suspicionMs } from '../core/membership/suspicion.ts';
import { downEntry, type Entry, suspectedBy } from '../core/membership/view.ts';
import type { Call } from '../ports/call.ts';
import type { Timer } from '../ports/clock.ts';
import { Questions, type QuestionsParts, type Signs, type Word } from './questions.ts';
import { SelfDoubt } from './self-doubt.ts';
import { shuffled, Turns } from './turns.ts';

export interface DetectorParts extends Omit<QuestionsParts, 'onHeardOf'> {
  /** Called at the end of every beat that was in time. */
  readonly onBeat: () => void;
}

/** From one beat to the next: five exchanges a second cost 0.2 % of a processor. */
export const BEAT_MS = 200;
/** Members asked out of turn, in one beat. */
const DOUBTED_MAX = 2;
/** Silence that comes once in a thousand times is worth a question. */
const PHI_ASK = 3;
/** Whoever is suspected after all that time, because nobody is heard, may still answer within two beats. */
const SUSPICION_MS_LAST = 2 * BEAT_MS;
/** Who is alive and does not answer us is asked again so soon. */
const AGAIN_MS = 500;

/** So long cut off, it is the way between the two. */
const CUT_OFF_MS = 5_000;

/** What this node has of its own about one member. */
interface Watch {
  readonly rhythm: Rhythm;
  /** A question is under way. */
  asking: boolean;
  askedAt: number;
  /** When a question came to nothing, direct and indirect; undefined if anything of it came since. */
  unreachedAt: number | undefined;
  /** Since when it is suspect at this version. */
  suspect: { readonly version: number; since: number } | undefined;
}

export class Detector {
  readonly #parts: DetectorParts;
  readonly #questions: Questions;
  readonly #watches = new Map<NodeName, Watch>();
  readonly #turns: Turns;
  /** To be asked out of turn. */
  readonly #doubted = new Set<NodeName>();
  readonly #doubt: SelfDoubt;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(parts: DetectorParts) {
    this.#parts = parts;
    this.#questions = new Questions({ ...parts, onHeardOf: name => this.heard(name) });
    this.#turns = new Turns(parts.random);
    this.#doubt = new SelfDoubt(parts.clock);
  }

  /** From now on; at first with everybody, so that all know of this process. */
  start(): void {
    if (this.#stopped) return;
    this.#doubt.heardAny();
    // Greetings have another rhythm.
    this.#watches.clear();
    for (const { name } of this.#parts.acquaintances.others()) this.#ask(name);
    this.#next();
  }

  stop(): void {
    this.#stopped = true;
    this.#questions.stop();
    this.#timer?.cancel();
  }

  /** Something of it came, of whatever kind. */
  heard(name: NodeName): void {
    this.#doubt.heardAny();
    const watch = this.#watch(name);
    watch.rhythm.heard(this.#parts.clock.now());
    watch.unreachedAt = undefined;
  }

  /** There is reason to ask it out of turn. */
  doubt(name: NodeName): void {
    if (name !== this.#parts.acquaintances.self.name) this.#doubted.add(name);
  }

  /** Whether a member answers now: for another one that cannot reach it, and waits until then (I10). */
  probe(target: NodeName, { deadline }: Call): Promise<boolean> {
    return this.#questions.askOnce(target, deadline - this.#parts.clock.now());
  }

  /** Says this node's last word to a few. Resolves when they have it, or do not answer. */
  async farewell(): Promise<void> {
    this.#parts.acquaintances.farewell();
    await this.#questions.tellSome();
  }

  #next(): void {
    this.#doubt.expectBeat(BEAT_MS);
    this.#timer = this.#parts.clock.after(BEAT_MS, () => this.#beat());
  }

  #beat(): void {
    if (this.#stopped) return;
    const now = this.#parts.clock.now();
    const stalledMs = this.#doubt.stalledMs(BEAT_MS);
    if (stalledMs > 0) {
      this.#forgive(stalledMs, now);
    } else {
      for (const entry of this.#parts.acquaintances.others()) this.#judge(entry, now);
      this.#parts.onBeat();
    }
    for (const name of this.#toAsk(now)) this.#ask(name);
    this.#next();
  }

  /** D2 */
  #forgive(ms: number, now: number): void {
    this.#parts.metrics.count('detector.stalled');
    for (const watch of this.#watches.values()) {
      watch.rhythm.excuse(ms, now);
      watch.unreachedAt = undefined;
      if (watch.suspect !== undefined) watch.suspect.since = Math.min(now, watch.suspect.since + ms);
    }
  }

  #judge(entry: Entry, now: number): void {
    const watch = this.#watch(entry.name);
    noteSuspicion(watch, entry, now);
    if (entry.state !== 'down' && watch.rhythm.phi(now) >= PHI_ASK) this.#doubted.add(entry.name);
    if (watch.unreachedAt === undefined) return;
    if (entry.state === 'alive' && this.#doubt.hasHeardNobody) this.#suspect(entry.name);
    else if (this.#isDown(entry, watch, now)) this.#parts.acquaintances.believe(downEntry(entry));
  }

  /** D1: it has had its time, this node could not reach it either, and nothing of it came. */
  #isDown(entry: Entry, { suspect, rhythm }: Watch, now: number): boolean {
    if (suspect === undefined) return false;
    if (this.#doubt.hasHeardNobody) return now - suspect.since >= SUSPICION_MS_LAST;
    const possible = 1 + this.#others(entry.name).length;
    const isHeard = rhythm.heardAt >= suspect.since;
    const ms = isHeard ? SUSPICION_MS_MAX : suspicionMs({ suspecters: entry.suspectedBy.length, possible });
    return now - Math.max(rhythm.heardAt, suspect.since) >= ms * this.#doubt.patience;
  }

  /** The next in turn, and some about whom there is doubt. */
  #toAsk(now: number): readonly NodeName[] {
    const { acquaintances, random } = this.#parts;
    const others = acquaintances.others().filter(({ state }) => state !== 'removed');
    const doubtful = others.filter(entry => this.#isDoubtful(entry, now)).map(({ name }) => name);
    const chosen = new Set(shuffled(doubtful, random).slice(0, DOUBTED_MAX));
    for (const name of chosen) this.#doubted.delete(name);
    const next = this.#turns.next(others.map(({ name }) => name));
    if (next !== undefined) chosen.add(next);
    return [...chosen].filter(name => !this.#watch(name).asking);
  }

  #isDoubtful({ name, state }: Entry, now: number): boolean {
    const { asking, askedAt } = this.#watch(name);
    if (asking) return false;
    if (state === 'suspect' || this.#doubted.has(name)) return true;
    return state === 'alive' && !this.#parts.acquaintances.reachable(name) && now - askedAt >= AGAIN_MS;
  }

  #ask(name: NodeName): void {
    const watch = this.#watch(name);
    const sentAt = this.#parts.clock.now();
    watch.asking = true;
    watch.askedAt = sentAt;
    void this.#questions.ask(name, this.#doubt.patience).then(signs => {
      watch.asking = false;
      if (!this.#stopped) this.#conclude(name, { sentAt, ...signs });
    });
  }

  /** What a question has come to. */
  #conclude(name: NodeName, { sentAt, answered, words }: Signs & { readonly sentAt: number }): void {
    if (answered) this.#doubt.feel('answered');
    if (answered || this.#doubt.wasStalledSince(sentAt)) return;
    if (this.#isOwnTrouble(name, words)) this.#doubt.feel('unanswered');
    this.#parts.acquaintances.silent(name);
    const watch = this.#watch(name);
    if (watch.rhythm.heardAt >= sentAt) return;
    watch.unreachedAt = this.#parts.clock.now();
    if (!this.#isAlone(sentAt, name)) this.#suspect(name);
  }

  /**
   * It answers another node, or no other node answers this one either. Whoever is cut off from this node for
   * long is no sign of its health any more.
   */
  #isOwnTrouble(name: NodeName, words: readonly Word[]): boolean {
    if (words.includes('alive')) return this.#parts.acquaintances.silentMs(name) < CUT_OFF_MS;
    return words.length > 0 && words.every(word => word === 'nothing');
  }

  #suspect(name: NodeName): void {
    const { acquaintances } = this.#parts;
    const entry = acquaintances.get(name);
    if (entry?.state === 'alive' || entry?.state === 'suspect')
      acquaintances.believe(suspectedBy(entry, acquaintances.self.name));
  }

  /** D3. Not if there is nobody else to be heard. */
  #isAlone(sentAt: number, target: NodeName): boolean {
    if (this.#doubt.heardAnySince(sentAt) || this.#others(target).length === 0) return false;
    return !this.#doubt.hasHeardNobody;
  }

  /** The others that may be there. */
  #others(but: NodeName): readonly Entry[] {
    const isThere = ({ name, state }: Entry) => name !== but && state !== 'down' && state !== 'removed';
    return this.#parts.acquaintances.others().filter(isThere);
  }

  /**
   * Each of two members speaks to the other once a round, and there are as many beats in a round as others.
   * Were large clusters to learn that by themselves, each member would be asked out of turn for minutes.
   */
  get #usualPauseMs(): number {
    return (BEAT_MS * this.#parts.acquaintances.others().length) / 2;
  }

  #watch(name: NodeName): Watch {
    const known = this.#watches.get(name);
    if (known !== undefined) return known;
    // Not heard yet: earlier than any question that is sent now.
    const rhythm = new Rhythm(this.#parts.clock.now() - 1, this.#usualPauseMs);
    const watch: Watch = {
      rhythm,
      asking: false,
      askedAt: Number.NEGATIVE_INFINITY,
      unreachedAt: undefined,
      suspect: undefined,
    };
    this.#watches.set(name, watch);
    return watch;
  }
}

function noteSuspicion(watch: Watch, { state, version }: Entry, now: number): void {
  if (state !== 'suspect') watch.suspect = undefined;
  else if (watch.suspect?.version !== version) watch.suspect = { version, since: now };
}
