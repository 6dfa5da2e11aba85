/**
 * Runs one history: clients, five nodes and the network between them, by the protocols of DESIGN §6 and §7 cut down to one key.
 * After each event the oracles look at whatever was touched; the first objection ends the history.
 */
import { writeId as toWriteId, type WriteId } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { NOTHING, type Sibling } from '../../src/core/record.ts';
import { NOTHING_SEEN } from '../../src/core/version-vector.ts';
import type { Event, Fault, History } from './events.ts';
import { digestOf, type Known, ModelNode, type WhenDurable } from './node.ts';
import { type Context, Operation } from './operation.ts';
import { Oracles } from './oracles.ts';
import { type Deed, NO_PAST, united } from './past.ts';
import { NODES, PRIMARIES, R, type Rules } from './rules.ts';

export interface Figures {
  events: number;
  writes: number;
  acks: number;
  /** Twins that showed again because their ids had been cut off the list: the exception of I9. */
  excused: number;
}

const BLIND: Context = { seen: { vector: NOTHING_SEEN, writes: [] }, past: NO_PAST, shown: new Set() };

const LOSSES: ReadonlySet<Fault> = new Set<Fault>(['lose row', 'damage row', 'lose disk', 'restore disk']);

const NO_DEED = { of: undefined, brought: undefined, covers: BLIND.shown, replaces: NO_PAST };

export class World {
  readonly #rules: Rules;
  readonly #nodes: readonly ModelNode[];
  readonly #oracles: Oracles;
  readonly #operations = new Map<number, Operation>();
  readonly #contexts = new Map<number, Context>();
  /** Fallback → digest of its row → owners that hold it durably. */
  readonly #confirmed = new Map<string, Set<number>>();
  #now = 0;
  readonly figures: Figures = { events: 0, writes: 0, acks: 0, excused: 0 };

  constructor(rules: Rules, { skewed }: { skewed: boolean }) {
    const skewsMs = skewed ? [0, 3_600_000, -3_600_000, 0, 40_000] : [0, 0, 0, 0, 0];
    this.#rules = rules;
    this.#nodes = NODES.map(index => new ModelNode(index, { rules, skewMs: skewsMs[index]! }));
    this.#oracles = new Oracles(rules, this.figures);
  }

  /** @throws Objection */
  run(history: History): void {
    for (const event of history) {
      this.figures.events++;
      this.#now = event.id;
      this.#happen(event);
      for (const node of this.#nodes) this.#oracles.checkKnown(node.newest, `n${node.index}`);
    }
    for (const node of this.#nodes) node.commit();
    this.#oracles.checkConverged(
      this.#nodes.map(node => node.durable),
      [...this.#operations.values()],
    );
  }

  #happen(event: Event): void {
    if (event.kind === 'read') this.#read(event);
    else if (event.kind === 'put') this.#put(event.id, event, writeIdOf(event.id));
    else if (event.kind === 'retry') this.#retry(event);
    else if (event.kind === 'delete') this.#delete(event);
    else if (event.kind === 'fetch unseen') this.#fetchUnseen(this.#operations.get(event.of));
    else if (event.kind === 'overwrite unseen') this.#overwriteUnseen(this.#operations.get(event.of));
    else if (event.kind === 'deliver') this.#deliver(event);
    else if (event.kind === 'merge')
      this.#node(event.to).merge(this.#node(event.from).durable, { now: event.id });
    else if (event.kind === 'hand off') this.#handOff(event);
    else if (event.kind === 'recover') this.#recover(event);
    else if (event.kind === 'commit') this.#node(event.at).commit(undefined, event.acks === 'arrive');
    else this.#fault(event);
  }

  #node(index: number): ModelNode {
    return this.#nodes[index]!;
  }

  #recover({ id, at, from }: { id: number; at: number; from: number }): void {
    this.#node(at).recoverFrom(this.#node(from), { now: id, owners: PRIMARIES });
  }

  #read({ id, from, strict }: Event & { kind: 'read' }): void {
    const nodes = from.map(index => this.#node(index)).filter(node => !node.damaged);
    if (nodes.length === 0) return;
    if (strict && nodes.filter(node => this.#countsStrictly(node)).length < R) return;
    const answer = nodes.map(node => node.durable).reduce((a, b) => this.#merged(a, b));
    this.#oracles.checkKnown(answer, `the answer to #${id}`);
    if (strict) this.#oracles.checkStrictRead(answer, [...this.#operations.values()]);
    this.#contexts.set(id, this.#contextOf(answer));
  }

  #countsStrictly(node: ModelNode): boolean {
    return node.index < PRIMARIES.length && (this.#rules.recoveringCounts || !node.recovering);
  }

  #put(id: number, event: Event & { kind: 'put' }, writeId: WriteId): void {
    const node = this.#node(event.at);
    const before = node.newest;
    const context = this.#contextFor(event, before);
    if (context === undefined) return;
    const { dot, birth, writtenAt } = node.mint(id);
    const write = { writeId, value: Buffer.from(writeId, 'hex').subarray(0, 4), dot, writtenAt };
    const record =
      event.how === 'overwrite'
        ? this.#rules.overwrite(before.record, write)
        : this.#rules.put(before.record, { seen: context.seen, write });
    const retried = record === before.record;
    const sight =
      event.how === 'overwrite' ? { replaces: before.past } : { covers: without(context.shown, writeId) };
    const covers = sight.covers ?? BLIND.shown;
    const deed = { ...NO_DEED, name: `#${id}`, of: writeId, brought: write, after: context.past, ...sight };
    const after = retried ? before : { record, past: united(before.past, context.past, new Set([deed])) };
    if (!retried) this.#oracles.register(deed);
    const operation = new Operation({ id, event, node, writeId, covers, retried });
    this.#begin(operation, { ...after, record: this.#rules.shipped(record, retried ? undefined : write) });
    node.store(after, { birth, whenDurable: this.#ack(operation, node) });
  }

  /** What this put or delete says its client has seen; undefined if the reply it would come from never came. */
  #contextFor(event: Event & { kind: 'put' | 'delete' }, found: Known): Context | undefined {
    switch (event.how) {
      case 'blind':
        return BLIND;
      case 'overwrite':
        return this.#contextOf(found);
      case 'after':
        return this.#contexts.get(event.of);
    }
  }

  #retry({ id, at, of }: Event & { kind: 'retry' }): void {
    const first = this.#operations.get(of);
    if (first?.event.kind === 'put') this.#put(id, { ...first.event, at }, writeIdOf(of));
  }

  #delete(event: Event & { kind: 'delete' }): void {
    const node = this.#node(event.at);
    const before = node.newest;
    const context = this.#contextFor(event, before);
    if (context === undefined) return;
    const record = this.#rules.remove(before.record, context.seen);
    const deed = { ...NO_DEED, name: `#${event.id}`, covers: context.shown, after: context.past };
    const same = record === before.record;
    const after = same ? before : { record, past: united(before.past, context.past, new Set([deed])) };
    const operation = new Operation({
      id: event.id,
      event,
      node,
      writeId: undefined,
      covers: context.shown,
      retried: false,
    });
    this.#begin(operation, { ...after, record: this.#rules.shipped(record, undefined) });
    node.store(after, { whenDurable: this.#ack(operation, node) });
  }

  /** A counted replica held something that an overwrite had not seen: its row is fetched (DESIGN §6). */
  #fetchUnseen(operation: Operation | undefined): void {
    if (!operation?.unsettled) return;
    operation.fetched = operation.differing.map(([index, digest]) => {
      const known = this.#node(index).durable;
      return { known, asAcked: digestOf(known.record) === digest };
    });
  }

  /** The second half of an overwrite: what was fetched is merged in, what was unseen is taken out, and that is shipped again. */
  #overwriteUnseen(operation: Operation | undefined): void {
    const node = operation && this.#node(operation.event.at);
    if (!operation?.fetched || !operation.unsettled || node?.boot !== operation.boot) return;
    const { fetched, id, writeId: own } = operation;
    const merged = fetched.reduce((sum, other) => this.#merged(sum, other.known), node.newest);
    const unseen = fetched.filter(other => other.asAcked).flatMap(other => other.known.record.siblings);
    const minted = node.mint(this.#now);
    const record = this.#rules.overwriteUnseen(merged.record, { own, unseen, freshDot: () => minted.dot });
    const fresh = record.siblings.some(({ dot }) => dot === minted.dot);
    const name = `the second half of #${id}`;
    const deed = secondHalf({ name, own, merged, unseen, brought: fresh ? minted : undefined });
    const same = record === merged.record;
    if (!same) this.#oracles.register(deed);
    operation.alsoCovers(same ? BLIND.shown : deed.covers);
    const cleared = same ? merged : { record, past: united(merged.past, new Set([deed])) };
    this.#begin(operation, cleared);
    node.store(cleared, { birth: minted.birth, whenDurable: this.#ack(operation, node) });
  }

  #begin(operation: Operation, message: Known): void {
    operation.send(message, this.#contextOf(message));
    this.#operations.set(operation.id, operation);
    this.figures.writes++;
  }

  #deliver({ of, to, round }: Event & { kind: 'deliver' }): void {
    const operation = this.#operations.get(of);
    if (operation === undefined || operation.event.at === to) return;
    const node = this.#node(to);
    node.merge(operation.message(round), { now: this.#now, whenDurable: this.#ack(operation, node, round) });
  }

  #ack(operation: Operation, node: ModelNode, round: 'first' | 'last' = 'last'): WhenDurable {
    const number = operation.roundNumber(round);
    return digest => {
      const alive = this.#node(operation.event.at).boot === operation.boot;
      operation.ack({ from: node, digest, round: number, now: this.#now, alive });
      if (operation.reply === undefined || this.#contexts.has(operation.id)) return;
      this.#contexts.set(operation.id, operation.reply);
      this.figures.acks++;
      this.#oracles.checkReply(operation, [...this.#operations.values()]);
    };
  }

  /** A foreign record goes once every owner holds it durably, if it is still the one they confirmed (I8). */
  #handOff({ from, to }: { from: number; to: number }): void {
    const holder = this.#node(from);
    const { boot } = holder;
    const { record, past } = holder.durable;
    if (record === NOTHING) return;
    const whenDurable = () => {
      if (holder.boot !== boot || holder.busy || holder.durable.record !== record) return;
      const key = `${from}:${boot}:${[...past].map(deed => deed.name)}`;
      const owners = this.#confirmed.get(key) ?? new Set();
      this.#confirmed.set(key, owners.add(to));
      if (owners.size < this.#rules.confirmationsNeeded) return;
      holder.dropRow();
      for (const operation of this.#operations.values()) operation.handedOff(from, PRIMARIES);
    };
    this.#node(to).merge({ record, past }, { now: this.#now, whenDurable });
  }

  #fault(event: Event & { kind: Fault }): void {
    const node = this.#node(event.at);
    // A row that is queued again at once cannot be lost.
    if ((event.kind === 'lose row' || event.kind === 'damage row') && node.busy) return;
    if (LOSSES.has(event.kind)) {
      for (const operation of this.#operations.values()) {
        operation.dataLost(event.at, { noticed: event.kind !== 'lose row' });
      }
    }
    if (event.kind === 'crash') node.crash(event.kept);
    else if (event.kind === 'clean restart') node.restartCleanly();
    else if (event.kind === 'lose row') node.loseRow();
    else if (event.kind === 'damage row') node.damageRow();
    else if (event.kind === 'lose disk') node.loseDisk();
    else if (event.kind === 'back up disk') node.backUpDisk();
    else node.restoreDisk();
  }

  #merged(a: Known, b: Known): Known {
    return { record: this.#rules.merge(a.record, b.record), past: united(a.past, b.past) };
  }

  /** What a client may say it has seen after a reply that shows this. */
  #contextOf({ record, past }: Known): Context {
    const shown = new Set(this.#rules.view(record).map(sibling => sibling.writeId));
    return { seen: this.#rules.seenOf(record), past, shown };
  }
}

/** A delete takes writes away for good; a put that overwrites takes its place again beside what it found. */
function secondHalf(of: {
  name: string;
  own: WriteId | undefined;
  merged: Known;
  unseen: readonly Sibling[];
  brought: Deed['brought'];
}): Deed {
  const { name, own, merged, brought } = of;
  const there = new Set(merged.record.siblings.map(sibling => sibling.writeId));
  const ids = new Set(of.unseen.map(sibling => sibling.writeId).filter(id => there.has(id)));
  if (own === undefined) return { ...NO_DEED, name, covers: ids, after: merged.past };
  const replaces = [...merged.past].filter(deed =>
    deed.of === own ? brought !== undefined : ids.has(deed.of!),
  );
  return { ...NO_DEED, name, of: own, brought, replaces: new Set(replaces), after: merged.past };
}

function without(set: ReadonlySet<WriteId>, one: WriteId): ReadonlySet<WriteId> {
  return new Set([...set].filter(item => item !== one));
}

function writeIdOf(id: number): WriteId {
  return toWriteId(new SeededRandom(id).bytes(16));
}
