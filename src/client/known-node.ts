/**
 * A node as one client knows it: where it is, how it behaved of late, what is under way to it. Which to ask,
 * standing.ts decides.
 */
import { addSample, type Quantile } from '../base/quantile.ts';
import { LINK_BOUNDS } from '../link/asking.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptFailure } from './failure.ts';
import { afterAnswer, afterFailure, type Candidate, GOOD, type Standing } from './standing.ts';
import { grown, shrunk, windowUpTo } from './window.ts';

/** A way to a node. */
export interface Line {
  /** It owes answers and is silent for longer than usual. */
  readonly suspect: boolean;
  /**
   * Sends the request, or says why it cannot. What becomes of it is told to the attempt, later and exactly
   * once.
   */
  ask(attempt: Attempt): AttemptFailure | undefined;
  /** Nothing was asked for a while: a connection that it holds is given up. */
  rest(): void;
  /** For good; nothing is under way any more that anybody waits for. */
  close(): void;
}

/** An estimate needs no more than one in so many. */
const SAMPLE_EVERY = 8;
/** Until it is known how long it usually takes. */
const USUAL_MS_FIRST = 100;
/**
 * Silence of so many times the usual is suspect, of so long at least and at most: below, a busy disk or a
 * collection of garbage would be taken for it; above, one frozen node is felt by whoever waits for it.
 */
const SILENT_FACTOR = 3;
const SILENT_MS_MIN = 120;
const SILENT_MS_MAX = 300;
/**
 * What one look may add to a silence. 1. This process does not run for half a second; 2. what the nodes
 * answered lies in its sockets; 3. it looks at the time before it reads, and would suspect all of them.
 */
const LOOK_MS_MAX = 25;

export class KnownNode implements Candidate {
  /** host:port */
  readonly address: string;
  readonly line: Line;
  standing: Standing = GOOD;
  underWay = 0;
  suspect = false;
  #bytes = 0;
  #window = windowUpTo(LINK_BOUNDS.prompt.calls);
  /** How long 95 of 100 reads take at most. */
  #usual: Quantile = { share: 0.95, value: USUAL_MS_FIRST };
  #asked = 0;
  /**
   * So long it has owed answers and given none, to anybody. Not broken when nobody waits any more: of a
   * frozen node each read would be given up, for a quicker answer elsewhere, before its silence is long
   * enough.
   */
  #silentMs = 0;
  #lookedAt = 0;
  #lineWasSuspect = false;

  constructor(address: string, line: Line) {
    this.address = address;
    this.line = line;
  }

  /** As the link judges it: of what that would not take nothing is given to it. */
  full(bodyBytes: number): boolean {
    if (this.underWay === 0) return false;
    const tooLarge = this.#bytes + bodyBytes > LINK_BOUNDS.prompt.bytes;
    return tooLarge || this.underWay >= this.#window.size;
  }

  /** A read that has waited for so long is a slow one; ms. */
  get slowAfterMs(): number {
    return this.#usual.value;
  }

  /**
   * Now and then: to ask the line at each choice would cost more than the choice.
   * @returns whether it has now been silent for too long, or for as long once more
   */
  look(now: number): boolean {
    const owes = this.underWay > 0;
    if (owes) this.#silentMs += Math.min(now - this.#lookedAt, LOOK_MS_MAX);
    this.#lookedAt = now;
    const ofLine = owes && this.line.suspect;
    const ofItself = owes && this.#silentMs >= this.#patienceMs;
    const isNews = ofItself || (ofLine && !this.#lineWasSuspect);
    this.#lineWasSuspect = ofLine;
    this.suspect = ofLine || ofItself;
    return isNews;
  }

  /** @returns why it cannot be asked, and then nothing is under way */
  ask(attempt: Attempt): AttemptFailure | undefined {
    attempt.sampled = !attempt.question.write && this.#asked++ % SAMPLE_EVERY === 0;
    this.underWay += 1;
    this.#bytes += attempt.body.byteLength;
    const refusal = this.line.ask(attempt);
    if (refusal !== undefined) this.over(attempt);
    return refusal;
  }

  /** It is no longer under way. */
  over(attempt: Attempt): void {
    this.underWay -= 1;
    this.#bytes -= attempt.body.byteLength;
  }

  answered({ askedAt }: Attempt): void {
    this.#heard();
    if (this.standing !== GOOD) this.standing = afterAnswer(this.standing, askedAt);
    // What is not used up needs not grow.
    if (this.underWay * 2 > this.#window.size) this.#window = grown(this.#window, LINK_BOUNDS.prompt.calls);
  }

  /** It refused, or could not be asked. */
  failed({ error, pushbackMs }: Pick<AttemptFailure, 'error' | 'pushbackMs'>, now: number): void {
    this.#heard();
    const overloaded = error.reason === 'OVERLOADED';
    if (overloaded) this.#window = shrunk(this.#window, now);
    this.standing = afterFailure(this.standing, { now, pushbackMs, overloaded });
  }

  /**
   * It has been silent for too long: others are preferred for a while, as after a failure; then one request
   * finds out, and has all the patience again. All of a silence is one failure until then: what it is asked
   * meanwhile, for want of a better one, and answers, says that it is well.
   */
  wasSilent(now: number): void {
    this.#silentMs = 0;
    if (now < this.standing.avoidUntil) return;
    this.standing = afterFailure(this.standing, { now, pushbackMs: undefined, overloaded: false });
  }

  #heard(): void {
    this.#silentMs = 0;
    this.suspect = false;
  }

  get #patienceMs(): number {
    return Math.min(Math.max(this.#usual.value * SILENT_FACTOR, SILENT_MS_MIN), SILENT_MS_MAX);
  }

  /** How long a read took; also of one that was given up, which took longer than that. */
  took(ms: number): void {
    this.#usual = addSample(this.#usual, ms);
  }
}
