/**
 * Finds out who is gone (DESIGN §7, *Detection*). Every beat this node gossips with one member in turn, and
 * with a few more about whom there is doubt; that is its ping (SWIM, Das et al. 2002). Who does not answer is
 * asked through others before it is suspected; who stays suspect without a word is called down (suspicion).
 * Silence that is unusual on a busy link has a member asked out of turn (accrual). Whatever comes of a member
 * at all is evidence that it lives.
 *
 *   D1  nobody is called down by whoever has heard anything of it since it was suspected, until that is
 *       {@link SUSPICION_MS_MAX} ago
 *   D2  a node whose own loop was late judges nobody in that beat, and forgives all silence by as much:
 *       1. the loop hangs for five seconds; 2. timers run before sockets are read; 3. everybody would seem
 *       silent (TRAPS R10)
 *   D3  who hears nobody at all doubts itself first, and suspects nobody before {@link SUSPICION_MS_MAX}; but
 *       then it has waited enough
 *
 * A member that this node cannot reach, while others can, is alive and not to be asked: no flapping in
 * asymmetric cuts and at bridges (TRAPS R12). State is looked at once a beat, in one place (`#beat`); how a
 * member is asked is not decided here (questions).
 */
import type { NodeName } from '../base/ids.ts';
import { Rhythm } from '../core/membership/accrual.ts';
import { healthAfter, type Sign, stretch } from '../core/membership/local-health.ts';
import { SUSPICION_MS_MAX, suspicionMs } from '../core/membership/suspicion.ts';
import { downEntry, type Entry, suspectedBy } from '../core/membership/view.ts';
import type { Call } from '../ports/call.ts';
import type { Timer } from '../ports/clock.ts';
import { Questions, type QuestionsParts, type Signs, type Word } from './questions.ts';
import { shuffled, Turns } from './turns.ts';

export interface DetectorParts extends Omit<QuestionsParts, 'onHeardOf'> {
  /** Called at the end of every beat that was in time. */
  readonly onBeat: () => void;
}

/** From one beat to the next: five exchanges a second cost 0.2 % of a processor. */
export const BEAT_MS = 200;
/** A beat so much later than it should is a stall. */
const LATE_MS = 250;
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
  #health = 0;
  #dueAt: number;
  /** Questions sent before this moment may have been answered unheard. */
  #stalledAt = Number.NEGATIVE_INFINITY;
  #heardAnyAt: number;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(parts: DetectorParts) {
    this.#parts = parts;
    this.#questions = new Questions({ ...parts, onHeardOf: name => this.heard(name) });
    this.#turns = new Turns(parts.random);
    this.#dueAt = parts.clock.now();
    this.#heardAnyAt = parts.clock.now();
  }

  /** From now on; at first with everybody, so that all know of this process. */
  start(): void {
    if (this.#stopped) return;
    const now = this.#parts.clock.now();
    this.#heardAnyAt = now;
    // Greetings have another rhythm.
    this.#watches.clear();
    for (const { name } of this.#parts.acquaintances.others()) this.#ask(name);
    this.#next(now);
  }

  stop(): void {
    this.#stopped = true;
    this.#questions.stop();
    this.#timer?.cancel();
  }

  /** Something of it came, of whatever kind. */
  heard(name: NodeName): void {
    const now = this.#parts.clock.now();
    this.#heardAnyAt = now;
    const watch = this.#watch(name);
    watch.rhythm.heard(now);
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

  #next(now: number): void {
    this.#dueAt = now + BEAT_MS;
    this.#timer = this.#parts.clock.after(BEAT_MS, () => this.#beat());
  }

  #beat(): void {
    if (this.#stopped) return;
    const now = this.#parts.clock.now();
    const lateMs = now - this.#dueAt;
    if (lateMs > LATE_MS) {
      this.#stalled(lateMs + BEAT_MS);
    } else {
      for (const entry of this.#parts.acquaintances.others()) this.#judge(entry, now);
      this.#parts.onBeat();
    }
    for (const name of this.#toAsk(now)) this.#ask(name);
    this.#next(now);
  }

  /** D2 */
  #stalled(ms: number): void {
    this.#parts.metrics.count('detector.stalled');
    this.#feel('stalled');
    const now = this.#parts.clock.now();
    this.#stalledAt = now;
    this.#heardAnyAt = Math.min(now, this.#heardAnyAt + ms);
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
    if (entry.state === 'alive' && this.#hasHeardNobody(now)) this.#suspect(entry.name);
    else if (this.#isDown(entry, watch, now)) this.#parts.acquaintances.believe(downEntry(entry));
  }

  /** D1: it has had its time, this node could not reach it either, and nothing of it came. */
  #isDown(entry: Entry, { suspect, rhythm }: Watch, now: number): boolean {
    if (suspect === undefined) return false;
    if (this.#hasHeardNobody(now)) return now - suspect.since >= SUSPICION_MS_LAST;
    const possible = 1 + this.#others(entry.name).length;
    const isHeard = rhythm.heardAt >= suspect.since;
    const ms = isHeard ? SUSPICION_MS_MAX : suspicionMs({ suspecters: entry.suspectedBy.length, possible });
    return now - Math.max(rhythm.heardAt, suspect.since) >= ms * stretch(this.#health);
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
    void this.#questions.ask(name, stretch(this.#health)).then(signs => {
      watch.asking = false;
      if (!this.#stopped) this.#conclude(name, { sentAt, ...signs });
    });
  }

  /** What a question has come to. */
  #conclude(name: NodeName, { sentAt, answered, words }: Signs & { readonly sentAt: number }): void {
    if (answered) this.#feel('answered');
    // Timers ran first, and what was answered meanwhile has not been read yet.
    if (answered || this.#wasStalledSince(sentAt)) return;
    if (this.#isOwnTrouble(name, words)) this.#feel('unanswered');
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
    if (this.#heardAnyAt >= sentAt || this.#others(target).length === 0) return false;
    return !this.#hasHeardNobody(this.#parts.clock.now());
  }

  /** D3 */
  #hasHeardNobody(now: number): boolean {
    return now - this.#heardAnyAt >= SUSPICION_MS_MAX;
  }

  /** The others that may be there. */
  #others(but: NodeName): readonly Entry[] {
    const isThere = ({ name, state }: Entry) => name !== but && state !== 'down' && state !== 'removed';
    return this.#parts.acquaintances.others().filter(isThere);
  }

  #wasStalledSince(sentAt: number): boolean {
    return this.#stalledAt >= sentAt || this.#parts.clock.now() - this.#dueAt > LATE_MS;
  }

  #feel(sign: Sign): void {
    this.#health = healthAfter(this.#health, sign);
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
