/**
 * What must hold, whatever happened: each oracle compares the real records with the twin's histories or with
 * what clients were told.
 */
import type { WriteId } from '../../src/base/ids.ts';
import { seal } from '../../src/core/record/codec.ts';
import { newestFirst, OVERWRITTEN_MAX, type Record, type Sibling } from '../../src/core/record/record.ts';
import { covers, type Dot } from '../../src/core/record/version-vector.ts';
import type { Operation } from './operation.ts';
import { type Deed, goneIn, goneInRings, type Past, standing, united, writesIn } from './past.ts';
import type { Rules } from './rules.ts';
import { type Known, PLACE } from './version.ts';

/** The rules were broken: the text says how. */
export class Objection extends Error {
  override readonly name = 'Objection';
}

export class Oracles {
  readonly #rules: Rules;
  readonly #figures: { excused: number };
  readonly #deeds: Deed[] = [];
  readonly #dots = new Map<string, Deed>();
  readonly #checked = new WeakSet<Past>();

  constructor(rules: Rules, figures: { excused: number }) {
    this.#rules = rules;
    this.#figures = figures;
  }

  /** I3: a dot names one write for ever. */
  register(deed: Deed): void {
    if (deed.brought === undefined) return;
    this.#deeds.push(deed);
    const name = nameOf(deed.brought.dot);
    const first = this.#dots.get(name);
    if (first) throw new Objection(`I3: ${deed.name} was given the dot of ${first.name}`);
    this.#dots.set(name, deed);
  }

  /** The deeds that brought these siblings. */
  deedsOf(siblings: readonly Sibling[]): readonly Deed[] {
    return siblings.map(({ dot }) => this.#dots.get(nameOf(dot))!);
  }

  /**
   * A record says exactly what its full history says: it claims no write that is not in it, and shows what
   * stands.
   */
  checkKnown({ record, past }: Known, where: string): void {
    if (this.#checked.has(past)) return;
    this.#checked.add(past);
    for (const deed of this.#deeds) {
      if (covers(record.vector, deed.brought!.dot) === past.has(deed)) continue;
      throw new Objection(
        `${where} ${past.has(deed) ? 'has forgotten' : 'claims, but never had,'} ${deed.name}`,
      );
    }
    this.#checkLeftovers(record, past, where);
    const shown = this.#shown(record);
    const { must, may } = standing(past);
    for (const write of must) {
      if (!shown.has(write))
        throw new Objection(`I2: ${where} lost ${this.#nameOf(write)}, which nobody who saw it replaced`);
    }
    for (const write of goneInRings(past, shown))
      throw new Objection(`I2: in ${where} ${this.#nameOf(write)} and what replaced it replaced each other`);
    for (const write of shown) {
      if (!may.has(write)) this.#excuse(write, past, `I9: in ${where} ${this.#nameOf(write)} stands again`);
    }
  }

  /**
   * I1, second half: after everything met everything in any order, there is one record, and every promise is
   * kept in it.
   */
  checkConverged(all: readonly Known[], operations: readonly Operation[]): void {
    const past = united(...all.map(known => known.past));
    const records = all.map(known => known.record);
    const record = records.reduce((a, b) => this.#rules.merge(a, b));
    for (const other of this.#otherOrders(records)) {
      if (!sameBytes(record, other)) throw new Objection('I6: the order of merges matters');
    }
    this.checkKnown({ record, past }, 'the converged record');
    const shown = this.#shown(record);
    for (const operation of operations) {
      if (operation.promised) this.#checkPromise(operation, { record, past }, 'after convergence');
      this.#checkGone(shown, operation, operations);
    }
  }

  /** I1, first half. */
  checkStrictRead(answer: Known, operations: readonly Operation[]): void {
    const shown = this.#shown(answer.record);
    for (const operation of operations) {
      if (operation.promisedStrictly) this.#checkPromise(operation, answer, 'in a strict read');
      this.#checkGone(shown, operation, operations);
    }
  }

  /**
   * A context covers only what its reply showed, and an overwrite has seen whatever was acked before it
   * began.
   */
  checkReply(operation: Operation, operations: readonly Operation[]): void {
    const { reply } = operation;
    if (reply === undefined) return;
    for (const write of standing(reply.past).must) {
      if (!reply.shown.has(write))
        throw new Objection(`I2: #${operation.id} covers ${this.#nameOf(write)} and did not show it`);
    }
    for (const before of ackedBefore(operation, operations)) {
      if (writesIn(reply.past).has(before)) continue;
      throw new Objection(
        `§6: #${operation.id} overwrote without having seen ${this.#nameOf(before)}, acked before`,
      );
    }
    this.#checkGone(reply.shown, operation, operations);
  }

  /**
   * What was acked before an overwrite was asked for is gone once that is acked. Not if either was tried
   * again: a late try stands beside what came after it.
   */
  #checkGone(shown: ReadonlySet<WriteId>, overwrite: Operation, operations: readonly Operation[]): void {
    if (!isOnlyTry(overwrite, operations)) return;
    for (const before of ackedBefore(overwrite, operations)) {
      if (!shown.has(before) || !isOnlyTry({ writeId: before }, operations)) continue;
      throw new Objection(`§6: #${overwrite.id} overwrote and left ${this.#nameOf(before)}, acked before`);
    }
  }

  /** What somebody replaced who had seen this very dot is not only hidden, but gone. */
  #checkLeftovers(record: Record, past: Past, where: string): void {
    for (const deed of this.deedsOf(record.siblings)) {
      const replacer = [...past].find(
        other => other.replaces.has(deed) || (other.covers.has(deed.of!) && other.after.has(deed)),
      );
      if (replacer)
        throw new Objection(`I2: ${where} still holds ${deed.name}, which ${replacer.name} replaced`);
    }
  }

  #checkPromise(operation: Operation, { record, past }: Known, when: string): void {
    if (operation.writeId && !writesIn(past).has(operation.writeId)) {
      throw new Objection(
        `I1: ${this.#nameOf(operation.writeId)}, acked as #${operation.id}, is lost ${when}`,
      );
    }
    for (const sibling of this.#rules.view(record)) {
      if (!operation.covers.has(sibling.writeId)) continue;
      this.#excuse(
        sibling.writeId,
        past,
        `I9: ${this.#nameOf(sibling.writeId)}, gone since #${operation.id}, is back ${when}`,
      );
    }
  }

  /**
   * The exception of I9: a retry's twin that 8 newer entries, those of other twins among them, may have
   * pushed off the list.
   */
  #excuse(write: WriteId, past: Past, objection: string): void {
    const twins = [...past].filter(deed => deed.of === write && deed.brought).map(pairOf);
    const oldest = twins.sort(newestFirst).at(-1)!;
    const newer = [...goneIn(past)].map(pairOf).filter(pair => newestFirst(pair, oldest) < 0);
    if (twins.length < 2 || newer.length < OVERWRITTEN_MAX) throw new Objection(objection);
    this.#figures.excused++;
  }

  #otherOrders(records: readonly Record[]): readonly Record[] {
    const { merge } = this.#rules;
    const [a, b, c, d, e] = records as [Record, Record, Record, Record, Record];
    return [merge(e, merge(d, merge(c, merge(b, a)))), merge(merge(merge(c, a), merge(e, b)), merge(d, a))];
  }

  #shown(record: Record): ReadonlySet<WriteId> {
    return new Set(this.#rules.view(record).map(sibling => sibling.writeId));
  }

  #nameOf(write: WriteId): string {
    return `the write of ${this.#deeds.find(deed => deed.of === write)?.name}`;
  }
}

/** The writes that a strict overwrite is to have met: acked before it was asked for, strictly as well. */
function ackedBefore(overwrite: Operation, operations: readonly Operation[]): readonly WriteId[] {
  const { id, event, writeId: own, conclusive, promisedStrictly } = overwrite;
  if (event.how !== 'overwrite' || !conclusive || !promisedStrictly) return [];
  const before = operations.filter(({ repliedAt }) => repliedAt < id);
  return before.flatMap(({ promisedStrictly: owed, writeId }) =>
    owed && writeId !== undefined && writeId !== own ? [writeId] : [],
  );
}

/** A delete has no id that could tell, and is not tried again here. */
function isOnlyTry({ writeId }: Pick<Operation, 'writeId'>, operations: readonly Operation[]): boolean {
  return writeId === undefined || operations.filter(other => other.writeId === writeId).length === 1;
}

function pairOf({ of, brought }: Deed) {
  return { writeId: of!, writtenAt: brought!.writtenAt };
}

function nameOf({ actor, counter }: Dot): string {
  return `${actor}:${counter}`;
}

function sameBytes(a: Record, b: Record): boolean {
  return Buffer.compare(seal(a, PLACE).bytes, seal(b, PLACE).bytes) === 0;
}
