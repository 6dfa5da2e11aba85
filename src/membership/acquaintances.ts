/**
 * Whom this node knows: what it believes of each member (core/membership/view), and what its own calls there
 * came to (core/membership/reachability). A member's own word, and whatever bears a higher version, counts;
 * what others say of its address without one is at most an address to try. A stranger under a known name
 * cannot take its place while the known one lives: the later of the two is told to stop (DESIGN §7,
 * *Membership*).
 *
 * The members of a born cluster are fixed: from then on nobody else is kept or told on. Otherwise 1. somebody
 * greets with 300 invented names; 2. they are passed on with every greeting; 3. no node reads a greeting of
 * more than 256, and the members lose each other.
 *
 * Decides nothing about who is suspect or down (detector).
 */
import { compareText } from '../base/bytes.ts';
import type { BootId, NodeName } from '../base/ids.ts';
import { NODES_MAX } from '../core/limits.ts';
import type { Member } from '../core/membership/cluster.ts';
import {
  afterAnswer,
  afterFailure,
  afterHearing,
  afterSilence,
  answersUs,
  type Contact,
  NO_CONTACT,
} from '../core/membership/reachability.ts';
import {
  aliveEntry,
  canBeRaisedAbove,
  downEntry,
  type Entry,
  isCredible,
  joinEntries,
  PROCESS_STEP,
  raisedAbove,
  sameEntry,
  viewDigest,
} from '../core/membership/view.ts';
import type { Clock } from '../ports/clock.ts';
import type { SeenState } from '../ports/overview.ts';
import type { Failure } from '../ports/replica.ts';

export interface AcquaintancesParts {
  readonly self: Member;
  readonly clock: Clock;
  readonly remembered: readonly Entry[];
}

/** Somebody is believed to be something else than before. */
export interface News {
  readonly before: Entry | undefined;
  readonly after: Entry;
}

/**
 * What comes of somebody who speaks for itself. `taken`: a process under its name answers elsewhere;
 * `stranger`: it is no member, or there is no room for more; `incredible`: its version leaps. Then nothing is
 * learned.
 */
export type Introduction = 'known' | 'taken' | 'stranger' | 'incredible';

/** Of a member that was only spoken of: its own word has any version above. */
const HEARSAY = 0;

export class Acquaintances {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #entries = new Map<NodeName, Entry>();
  readonly #contacts = new Map<NodeName, Contact>();
  readonly #onNews: ((news: News) => void)[] = [];
  #self: Entry;
  /** Undefined while anybody may be met. */
  #circle: ReadonlySet<NodeName> | undefined;
  /** Undefined when something has changed since it was worked out. */
  #digest: string | undefined;

  constructor({ self, clock, remembered }: AcquaintancesParts) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    for (const entry of remembered) this.#entries.set(entry.name, entry);
    const before = this.#entries.get(self.name);
    this.#self = aliveEntry(self, (before?.version ?? 0) + PROCESS_STEP);
    this.#entries.set(self.name, this.#self);
  }

  /** Calls back on every change of what is believed, of oneself too. */
  onNews(tell: (news: News) => void): void {
    this.#onNews.push(tell);
  }

  /** From now on only these are known; the others are forgotten. */
  confine(names: Iterable<NodeName>): void {
    this.#circle = new Set(names);
    for (const known of [...this.#entries.keys()])
      if (!this.#isOfInterest(known)) this.#entries.delete(known);
    this.#digest = undefined;
  }

  /** What this node says of itself. */
  get self(): Entry {
    return this.#self;
  }

  /** Sorted by name. */
  all(): readonly Entry[] {
    return [...this.#entries.values()].sort((a, b) => compareText(a.name, b.name));
  }

  others(): readonly Entry[] {
    return this.all().filter(({ name }) => name !== this.#self.name);
  }

  /** Those that have spoken for themselves, to somebody: what is gossiped about. Sorted by name. */
  view(): readonly Entry[] {
    return this.all().filter(({ version }) => version > HEARSAY);
  }

  /** Of the {@link view}. */
  get digest(): string {
    this.#digest ??= viewDigest(this.view());
    return this.#digest;
  }

  get(name: NodeName): Entry | undefined {
    return this.#entries.get(name);
  }

  /** The process that last spoke for this name, to this node or by what it is told; undefined if none did. */
  bootOf(name: NodeName): BootId | undefined {
    return this.#contact(name).heardAt === undefined ? undefined : this.#entries.get(name)?.bootId;
  }

  /** When anything of it last came, monotonic ms; undefined if never. */
  heardAt(name: NodeName): number | undefined {
    return this.#contact(name).heardAt;
  }

  /** Whether to ask it: it is not known to be down, and has answered when last asked. */
  reachable(name: NodeName): boolean {
    if (name === this.#self.name) return true;
    const state = this.#entries.get(name)?.state;
    return state !== 'down' && state !== 'removed' && answersUs(this.#contact(name));
  }

  /** What this node takes it for. */
  stateOf(name: NodeName): SeenState {
    const state = this.#entries.get(name)?.state;
    if (state === 'suspect') return 'suspect';
    if (state === 'down' || state === 'removed') return 'down';
    if (name === this.#self.name) return 'alive';
    return this.#contact(name).heardAt === undefined ? 'unknown' : 'alive';
  }

  /** For how long nothing was heard of it; since the start if it never was. 0 for this node. */
  silentMs(name: NodeName): number {
    return name === this.#self.name ? 0 : this.#clock.now() - (this.heardAt(name) ?? this.#startedAt);
  }

  /** It answered something. */
  answered(name: NodeName): void {
    this.#contacts.set(name, afterAnswer(this.#clock.now()));
  }

  /** It said something of its own accord. */
  heard(name: NodeName): void {
    this.#contacts.set(name, afterHearing(this.#contact(name), this.#clock.now()));
  }

  /** It owes a sign of life. */
  silent(name: NodeName): void {
    this.#contacts.set(name, afterSilence(this.#contact(name)));
  }

  failed(name: NodeName, failure: Failure): void {
    this.#contacts.set(name, afterFailure(this.#contact(name), failure));
  }

  /** What was sent there failed; `but` is the one that does answer there. */
  failedAt(peerAddress: string, { failure, but }: { failure: Failure; but?: NodeName }): void {
    for (const member of this.others())
      if (member.peerAddress === peerAddress && member.name !== but) this.failed(member.name, failure);
  }

  /** Another node speaks for itself. */
  introduced(member: Member, version: number): Introduction {
    const { name, peerAddress } = member;
    const known = this.#entries.get(name);
    if (known === undefined && !this.#isWelcome(name)) return 'stranger';
    if (known !== undefined && known.peerAddress !== peerAddress && this.reachable(name)) return 'taken';
    if (!isCredible(version, known?.version ?? HEARSAY)) return 'incredible';
    this.believe(aliveEntry(member, version));
    return 'known';
  }

  /** What is believed of a process, if it is anything else than that it is alive. */
  disputed({ name, bootId }: Member): Entry | undefined {
    const known = this.#entries.get(name);
    if (known === undefined || (known.bootId === bootId && known.state === 'alive')) return undefined;
    return known;
  }

  /**
   * Takes in what is said of a member, by whomever; it counts if it is newer than what is known. False if it
   * cannot be true, or is of nobody.
   */
  believe(said: Entry): boolean {
    const known = this.#entries.get(said.name);
    if (known === undefined ? !this.#isWelcome(said.name) : said.name === this.#self.name) return false;
    if (!isCredible(said.version, known?.version ?? HEARSAY)) return false;
    const after = known === undefined || known.version === HEARSAY ? said : joinEntries(known, said);
    if (known === undefined || !sameEntry(known, after)) this.#set(known, after);
    return true;
  }

  /** This node lives, whatever is said of it at this version; unless it has said itself that it ends. */
  raiseAbove(version: number): void {
    if (this.#self.state !== 'alive' || !canBeRaisedAbove(version, this.#self.version)) return;
    this.#setSelf(raisedAbove(this.#self, version));
  }

  /** The process that spoke for this node's name at this version is gone. */
  succeed(version: number): void {
    this.raiseAbove(version + PROCESS_STEP - 1);
  }

  /** This node is about to end, by its own word. */
  farewell(): void {
    this.#setSelf(downEntry(raisedAbove(this.#self, 0)));
  }

  /**
   * Somebody else speaks of a member. True if it is said to be where this node has not looked, and does not
   * answer where it was.
   */
  mentioned({ name, peerAddress, ...rest }: Member): boolean {
    const known = this.#entries.get(name);
    if (known !== undefined) return known.peerAddress !== peerAddress && this.#seeks(name);
    if (this.#isWelcome(name)) this.#entries.set(name, aliveEntry({ name, peerAddress, ...rest }, HEARSAY));
    return false;
  }

  /**
   * Of its own name it hears when an earlier life of it is remembered, or when somebody bears it elsewhere:
   * to be looked at.
   */
  #seeks(name: NodeName): boolean {
    return name === this.#self.name || !this.reachable(name);
  }

  #setSelf(entry: Entry): void {
    const before = this.#self;
    this.#self = entry;
    this.#set(before, entry);
  }

  #set(before: Entry | undefined, after: Entry): void {
    this.#entries.set(after.name, after);
    this.#digest = undefined;
    for (const tell of this.#onNews) tell({ before, after });
  }

  #contact(name: NodeName): Contact {
    return this.#contacts.get(name) ?? NO_CONTACT;
  }

  #isWelcome(name: NodeName): boolean {
    return this.#entries.size < NODES_MAX && this.#isOfInterest(name);
  }

  #isOfInterest(name: NodeName): boolean {
    return name === this.#self.name || (this.#circle?.has(name) ?? true);
  }
}
