/**
 * Anti-entropy (DESIGN §7; Dynamo §4.7): brings the owners of each partition together, whatever was missed
 * and by whatever way: a hint that was dropped, a coordinator that died before it wrote one, a disk that
 * lost rows, a restored backup. Always on: a round with each other owner (repair/exchange) every ten seconds
 * or so, which costs one small message when nothing differs; at once when it is asked for, or when a round
 * found something.
 *
 * A node that is down or slow holds up nobody else's round. How fast records go is the lanes' to say, for
 * clients come first (core/overload/yielding). Ends when the node drains or its disk fails; never throws.
 */
import { passOnBugs } from '../base/assert.ts';
import type { NodeName, Partition } from '../base/ids.ts';
import type { Ring } from '../core/ring/ring.ts';
import type { OwnDigests } from '../ports/comparisons.ts';
import type { Repairing } from '../ports/overview.ts';
import type { Located } from '../ports/replica.ts';
import { Claims } from './claims.ts';
import { Exchange } from './exchange.ts';
import type { HandoffParts } from './handoff-parts.ts';
import { sharedPartitions } from './owners.ts';
import { Partner } from './partner.ts';

export interface AntiEntropyParts extends HandoffParts {
  readonly own: OwnDigests;
  readonly isRecovering: (partition: Partition) => boolean;
  /** Merges these records into this node's rows; resolves when they are durable. */
  readonly applyAll: (records: readonly Located[]) => Promise<void>;
}

/** Half as much more or less, by chance: nodes do not beat together. */
const ROUND_MS = 10_000;
/**
 * The same while two cannot agree yet though somebody waits for it (`shoal repair --wait`): one of them
 * recovers, say. And while one waits for another to have done.
 */
const SOON_MS = 1_000;
/**
 * So many rounds follow at once upon one that brought something: mostly the second finds that all is well.
 * What is brought and never there must not keep two nodes at it for ever: 1. a row is in no index, and
 * another of its segment is damaged everywhere, which keeps the segment in doubt; 2. each round does not find
 * the one, and brings it; 3. so does the next.
 */
const AT_ONCE_MAX = 3;
/** How often it is looked for rounds that are due. */
const LOOK_MS = 1_000;
/** Rounds at once: what each keeps in mind is bounded (repair/exchange), and so are all together. */
const ROUNDS_MAX = 8;

/** What came of a round. */
interface Outcome {
  readonly agreed: boolean;
  /** Records were brought one way or the other. */
  readonly hasMoved: boolean;
  /** As {@link Exchange.isWaiting} and {@link Exchange.isPuzzled}. */
  readonly isWaiting: boolean;
  readonly isPuzzled: boolean;
}

export class AntiEntropy {
  readonly #parts: AntiEntropyParts;
  readonly #partners = new Map<NodeName, Partner>();
  readonly #claims: Claims;
  #sharedOf: { readonly ring: Ring; readonly shared: ReturnType<typeof sharedPartitions> } | undefined;
  #asked = 0;
  #running = 0;
  #started = false;
  #stopped = false;

  constructor(parts: AntiEntropyParts) {
    this.#parts = parts;
    this.#claims = new Claims(parts.clock);
  }

  /** From now on; the ring is known. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#lookOn();
  }

  stop(): void {
    this.#stopped = true;
  }

  /** A round with every other owner, as soon as may be. @returns the number of this request, from 1 */
  repairNow(): number {
    this.#asked += 1;
    for (const node of this.#others) this.#partner(node).wake();
    if (this.#started) this.#look();
    return this.#asked;
  }

  /** As {@link Claims.has}. */
  isBusy(partition: Partition): boolean {
    return this.#claims.has(partition);
  }

  get repairing(): Repairing {
    const partners = this.#others.map(node => this.#partner(node));
    return {
      asked: this.#asked,
      agreed: Math.min(this.#asked, ...partners.map(({ agreedFor }) => agreedFor)),
      with: partners.map(({ progress }) => ({ ...progress, up: this.#parts.peers.reachable(progress.node) })),
    };
  }

  /** The other owners of what this node owns, by name; none before the ring is known. */
  get #others(): readonly NodeName[] {
    const ring = this.#parts.ring();
    return ring === undefined ? [] : [...this.#shared(ring).keys()];
  }

  get #ended(): boolean {
    return this.#stopped || this.#parts.holdings.faulted;
  }

  /** Also before the first round: who comes back gets hints first, and not everything twice. */
  get #usualMs(): number {
    return ROUND_MS * (0.5 + this.#parts.random.fraction());
  }

  /** What was mended is looked at once more; what cannot be mended now is not tried all the time. */
  #restMs({ agreedFor, rounds }: Partner, { agreed, hasMoved, isWaiting, isPuzzled }: Outcome): number {
    if (agreed) return this.#usualMs;
    if (hasMoved && rounds <= AT_ONCE_MAX) return 0;
    return isWaiting || isPuzzled || agreedFor < this.#asked ? SOON_MS : this.#usualMs;
  }

  #lookOn(): void {
    if (this.#ended) return;
    this.#look();
    const { clock, random } = this.#parts;
    clock.after(LOOK_MS * (0.5 + random.fraction()), () => this.#lookOn());
  }

  #look(): void {
    const ring = this.#parts.ring();
    if (ring === undefined || this.#ended) return;
    const due = [...this.#shared(ring)]
      .filter(([node]) => this.#partner(node).free && this.#parts.lanes.to(node).open)
      .sort(([a], [b]) => this.#partner(a).dueAt - this.#partner(b).dueAt);
    for (const [node, shared] of due) if (this.#running < ROUNDS_MAX) void this.#round(node, shared);
  }

  async #round(node: NodeName, shared: readonly Partition[]): Promise<void> {
    const { metrics } = this.#parts;
    const partner = this.#partner(node);
    const asked = this.#asked;
    this.#running += 1;
    partner.begin();
    const before = partner.records;
    const exchange = this.#exchange(node, partner);
    const agreed = await exchange.run(shared).catch(error => {
      passOnBugs(error);
      metrics.count('repair.failed');
      return false;
    });
    metrics.count('repair.rounds');
    this.#claims.release(node);
    this.#running -= 1;
    const { isWaiting, isPuzzled } = exchange;
    const outcome = { agreed, hasMoved: partner.records > before, isWaiting, isPuzzled };
    partner.end({
      agreed,
      asked,
      isPuzzled,
      afterMs: this.#asked > asked ? 0 : this.#restMs(partner, outcome),
    });
    this.#look();
  }

  #exchange(node: NodeName, partner: Partner): Exchange {
    const { own, peers, lanes, metrics } = this.#parts;
    const between = { own, theirs: peers.comparisons(node), lane: lanes.to(node) };
    const moved = (counter: string) => (records: readonly Located[]) => {
      metrics.count(counter, records.length);
      partner.moved(records);
    };
    return new Exchange(between, {
      ...this.#parts,
      replica: peers.replica(node),
      claim: partitions => this.#claims.take(partitions, node),
      ended: () => this.#ended,
      isPatient: partner.isPatient,
      onLeft: partitions => partner.left(partitions),
      onFetched: moved('repair.fetched'),
      onSent: moved('repair.sent'),
    });
  }

  /** Which partitions each other node owns of those that this one owns. */
  #shared(ring: Ring): ReadonlyMap<NodeName, readonly Partition[]> {
    if (this.#sharedOf?.ring !== ring) this.#sharedOf = { ring, shared: sharedPartitions(ring, this.#parts) };
    return this.#sharedOf.shared;
  }

  #partner(node: NodeName): Partner {
    const known = this.#partners.get(node);
    if (known !== undefined) return known;
    const partner = new Partner(node, this.#parts.clock, this.#usualMs);
    this.#partners.set(node, partner);
    return partner;
  }
}
