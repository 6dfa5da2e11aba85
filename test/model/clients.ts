/**
 * What clients ask for and the nodes that coordinate it: reads, puts, retries, deletes, and both halves of an
 * overwrite (DESIGN §6). Each is done by the rules under test and, beside them, as a deed in the twin's
 * history.
 */
import { writeId as toWriteId, type WriteId } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { stands } from '../../src/core/record/record.ts';
import { covers, NOTHING_SEEN } from '../../src/core/record/version-vector.ts';
import type { Event } from './events.ts';
import type { ModelNode } from './node.ts';
import { type Context, Operation } from './operation.ts';
import type { Oracles } from './oracles.ts';
import { NO_DEED, NO_PAST, secondHalf, united } from './past.ts';
import { PRIMARIES, R, type Rules } from './rules.ts';
import type { Known, WhenDurable } from './version.ts';

export interface Figures {
  events: number;
  writes: number;
  acks: number;
  /** Twins that showed again because their ids had been cut off the list: the exception of I9. */
  excused: number;
}

interface Surroundings {
  readonly rules: Rules;
  readonly nodes: readonly ModelNode[];
  readonly oracles: Oracles;
  readonly figures: Figures;
}

const BLIND: Context = { seen: { vector: NOTHING_SEEN, writes: [] }, past: NO_PAST, shown: new Set() };

export class Clients {
  readonly #rules: Rules;
  readonly #nodes: readonly ModelNode[];
  readonly #oracles: Oracles;
  readonly #figures: Figures;
  readonly #operations = new Map<number, Operation>();
  readonly #contexts = new Map<number, Context>();

  /** The number of the event that is happening. */
  now = 0;

  constructor({ rules, nodes, oracles, figures }: Surroundings) {
    this.#rules = rules;
    this.#nodes = nodes;
    this.#oracles = oracles;
    this.#figures = figures;
  }

  get operations(): readonly Operation[] {
    return [...this.#operations.values()];
  }

  read({ id, from, strict }: Event & { kind: 'read' }): void {
    const nodes = from.map(index => this.#node(index)).filter(node => !node.damaged);
    if (nodes.length === 0) return;
    if (strict && nodes.filter(node => this.#countsStrictly(node)).length < R) return;
    const answer = nodes.map(node => node.durable).reduce((a, b) => this.#merged(a, b));
    this.#oracles.checkKnown(answer, `the answer to #${id}`);
    if (strict) this.#oracles.checkStrictRead(answer, this.operations);
    this.#contexts.set(id, this.#contextOf(answer));
  }

  #countsStrictly(node: ModelNode): boolean {
    return node.index < PRIMARIES.length && (this.#rules.recoveringCounts || !node.recovering);
  }

  put(event: Event & { kind: 'put' }): void {
    this.#carryOut(event, { id: event.id, writeId: writeIdOf(event.id) });
  }

  #carryOut(event: Event & { kind: 'put' }, { id, writeId }: { id: number; writeId: WriteId }): void {
    const node = this.#node(event.at);
    const before = node.newest;
    const context = this.#contextFor(event, before);
    if (context === undefined) return;
    const { dot, birth, writtenAt } = node.mint(id);
    const write = { writeId, value: Buffer.from(writeId, 'latin1').subarray(0, 4), dot, writtenAt };
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

  /**
   * What this put or delete says its client has seen; undefined if the reply it would come from never came.
   */
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

  retry({ id, at, of }: Event & { kind: 'retry' }): void {
    const first = this.#operations.get(of);
    if (first?.event.kind === 'put') this.#carryOut({ ...first.event, at }, { id, writeId: writeIdOf(of) });
  }

  delete(event: Event & { kind: 'delete' }): void {
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
  fetchUnseen({ of }: { of: number }): void {
    const operation = this.#operations.get(of);
    if (!operation?.unsettled) return;
    operation.fetched = operation.differing.map(([index, { vector }]) => {
      const known = this.#node(index).durable;
      return { known, stood: known.record.siblings.filter(({ dot }) => covers(vector, dot)) };
    });
  }

  /**
   * The second half of an overwrite: what was fetched is merged in, what was unseen is taken out, and that is
   * shipped again. Where it was itself replaced, there is no answer as long as that stands.
   */
  overwriteUnseen({ of }: { of: number }): void {
    const operation = this.#operations.get(of);
    const node = operation && this.#node(operation.event.at);
    if (!operation?.fetched || !operation.unsettled || node?.boot !== operation.boot) return;
    const { fetched, id, writeId: own } = operation;
    const merged = fetched.reduce((sum, other) => this.#merged(sum, other.known), node.newest);
    const unseen = operation.isTriedElsewhere
      ? []
      : fetched.flatMap(({ stood }) => stood.filter(({ writeId }) => writeId !== own));
    const minted = node.mint(this.now);
    const half = { own, unseen, freshDot: () => minted.dot };
    const record = operation.isTriedElsewhere
      ? merged.record
      : this.#rules.overwriteUnseen(merged.record, half);
    if (this.#rules.waitsForUnseen && unseen.some(({ dot }) => stands(record, dot))) {
      node.store(merged, { whenDurable: () => {} });
      return;
    }
    const takenOut = merged.record.siblings.filter(
      ({ dot, writeId }) => writeId !== own && !stands(record, dot),
    );
    const brought = record.siblings.find(({ dot }) => dot === minted.dot);
    const deed = secondHalf({
      name: `the second half of #${id}`,
      own,
      takenOut,
      brought,
      after: merged.past,
    });
    const same = record === merged.record;
    if (!same) this.#oracles.register(deed);
    operation.alsoCovers(same ? BLIND.shown : deed.covers);
    const cleared = same ? merged : { record, past: united(merged.past, new Set([deed])) };
    this.#begin(operation, cleared);
    node.store(cleared, { birth: brought && minted.birth, whenDurable: this.#ack(operation, node) });
  }

  deliver({ of, to, round }: Event & { kind: 'deliver' }): void {
    const operation = this.#operations.get(of);
    if (operation === undefined || operation.event.at === to) return;
    const node = this.#node(to);
    node.merge(operation.message(round), { now: this.now, whenDurable: this.#ack(operation, node, round) });
  }

  #begin(operation: Operation, message: Known): void {
    operation.send(message, this.#contextOf(message));
    this.#operations.set(operation.id, operation);
    this.#figures.writes++;
  }

  #ack(operation: Operation, node: ModelNode, round: 'first' | 'last' = 'last'): WhenDurable {
    const number = operation.roundNumber(round);
    return left => {
      const alive = this.#node(operation.event.at).boot === operation.boot;
      operation.ack({ from: node, left, round: number, now: this.now, alive });
      if (operation.reply === undefined || this.#contexts.has(operation.id)) return;
      this.#contexts.set(operation.id, operation.reply);
      this.#figures.acks++;
      this.#oracles.checkReply(operation, this.operations);
    };
  }

  #merged(a: Known, b: Known): Known {
    return { record: this.#rules.merge(a.record, b.record), past: united(a.past, b.past) };
  }

  /** What a client may say it has seen after a reply that shows this. */
  #contextOf({ record, past }: Known): Context {
    const shown = new Set(this.#rules.view(record).map(sibling => sibling.writeId));
    return { seen: this.#rules.seenOf(record), past, shown };
  }

  #node(index: number): ModelNode {
    return this.#nodes[index]!;
  }
}

function without(set: ReadonlySet<WriteId>, one: WriteId): ReadonlySet<WriteId> {
  return new Set([...set].filter(item => item !== one));
}

function writeIdOf(id: number): WriteId {
  return toWriteId(new SeededRandom(id).bytes(16));
}
