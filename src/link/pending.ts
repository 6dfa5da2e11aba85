/**
 * The requests of one link that have no answer yet: bounded, each with its deadline. One timer for all of
 * them looks which have passed or are waited for no longer; that is 25 ms late at most, and whoever needs it
 * to the millisecond has a timer of his own.
 */
import type { Clock, Timer } from '../ports/clock.ts';
import type { Asking, Because, Ending, LinkBounds, Refusal } from './asking.ts';

export interface PendingOptions {
  readonly clock: Clock;
  readonly bounds: LinkBounds;
  /** Of one request. */
  readonly bytesMax: number;
  /** Nobody waits for the answer any more. `sent`: the other side may have begun. */
  readonly onForsaken: (id: number, sent: boolean) => void;
}

interface Open {
  readonly asking: Asking;
  readonly askedAt: number;
  sent: 'nothing' | 'a part' | 'all';
}

const GIVEN_UP: Refusal = { because: 'given up', why: 'nobody waits for the answer any more' };
const TOO_LARGE: Refusal = { because: 'too large', why: 'it is too large to be sent' };
const TOO_MUCH: Refusal = { because: 'too much', why: 'too much is under way to it' };

const SWEEP_MS = 25;
/** The largest that a frame can tell. */
const BUDGET_MS_MAX = 2 ** 32 - 1;

export class Pending {
  readonly #options: PendingOptions;
  readonly #open = new Map<number, Open>();
  readonly #underWay = { prompt: { calls: 0, bytes: 0 }, bulk: { calls: 0, bytes: 0 } };
  #sweep: Timer | undefined;

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Of those the ones that are not bulk. */
  get promptCalls(): number {
    return this.#underWay.prompt.calls;
  }

  has(id: number): boolean {
    return this.#open.has(id);
  }

  /** Whether something of it is still here, so that nobody can have answered it. */
  isUnsent(id: number): boolean {
    const open = this.#open.get(id);
    return open !== undefined && open.sent !== 'all';
  }

  /** Whether this may be an answer to it: of its method, if it says which. */
  accepts(id: number, { method, failed }: { readonly method?: number; readonly failed: boolean }): boolean {
    return failed || method === undefined || method === this.#open.get(id)?.asking.method;
  }

  /** Why this one cannot be taken now; undefined if it can. */
  refusal(asking: Asking): Refusal | undefined {
    const { call, body } = asking;
    if (call.cancelled || call.deadline <= this.#options.clock.now()) return GIVEN_UP;
    if (body.byteLength > this.#options.bytesMax) return TOO_LARGE;
    return this.#fits(asking) ? undefined : TOO_MUCH;
  }

  add(id: number, asking: Asking): void {
    this.#open.set(id, { asking, askedAt: this.#options.clock.now(), sent: 'nothing' });
    this.#count(asking, 1);
    this.#sweep ??= this.#nextSweep();
  }

  /**
   * It, or a piece of it, is in a frame: from now on it may be done.
   * @returns how long its sender still waits, ms
   */
  sent(id: number, { more }: { readonly more: boolean }): number {
    const open = this.#open.get(id);
    if (open === undefined) return 0;
    open.sent = more ? 'a part' : 'all';
    const leftMs = Math.ceil(open.asking.call.deadline - this.#options.clock.now());
    return Math.min(Math.max(1, leftMs), BUDGET_MS_MAX);
  }

  /** @returns how long it took, ms; undefined if it was bulk, or nobody waits for it (any more) */
  answered(id: number, ending: Ending): number | undefined {
    const open = this.#take(id);
    if (open === undefined) return undefined;
    open.asking.settle(ending);
    return open.asking.bulk ? undefined : this.#options.clock.now() - open.askedAt;
  }

  /** Nobody waits for it any more. */
  forsake(id: number, why: string): void {
    const open = this.#take(id);
    if (open === undefined) return;
    open.asking.settle(unanswered(open, { because: 'given up', why }));
    this.#options.onForsaken(id, open.sent !== 'nothing');
  }

  /** The stream is over. */
  failAll(end: { readonly because: Because; readonly why: string }): void {
    this.#sweep?.cancel();
    this.#sweep = undefined;
    for (const id of [...this.#open.keys()]) {
      const open = this.#take(id);
      open?.asking.settle(unanswered(open, end));
    }
  }

  #take(id: number): Open | undefined {
    const open = this.#open.get(id);
    if (open === undefined) return undefined;
    this.#open.delete(id);
    this.#count(open.asking, -1);
    return open;
  }

  #fits({ bulk, body }: Asking): boolean {
    const kind = bulk ? 'bulk' : 'prompt';
    const { calls, bytes } = this.#underWay[kind];
    const bounds = this.#options.bounds[kind];
    return calls < bounds.calls && (calls === 0 || bytes + body.byteLength <= bounds.bytes);
  }

  #count({ bulk, body }: Asking, by: 1 | -1): void {
    const underWay = this.#underWay[bulk ? 'bulk' : 'prompt'];
    underWay.calls += by;
    underWay.bytes += by * body.byteLength;
  }

  #nextSweep(): Timer {
    return this.#options.clock.after(SWEEP_MS, () => {
      const now = this.#options.clock.now();
      for (const [id, { asking }] of this.#open) {
        if (asking.call.cancelled) this.forsake(id, 'it was given up');
        else if (asking.call.deadline <= now) this.forsake(id, 'no answer came in time');
      }
      this.#sweep = this.#open.size > 0 ? this.#nextSweep() : undefined;
    });
  }
}

function unanswered(
  { sent }: Open,
  { because, why }: { readonly because: Because; readonly why: string },
): Ending {
  return { kind: sent === 'nothing' ? 'not sent' : 'lost', because, why };
}
