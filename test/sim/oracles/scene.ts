/**
 * A cluster made by hand, for tests of the oracles: three disks, one key, and clients who are told whatever a
 * test wants them to be told.
 */
import { Buffer } from 'node:buffer';
import { asBuffer, ByteWriter, byteText, EMPTY } from '../../../src/base/bytes.ts';
import { clusterId, incarnation, nodeName, type WriteId, writeId } from '../../../src/base/ids.ts';
import { seal } from '../../../src/core/record/codec.ts';
import { encodeContext } from '../../../src/core/record/context.ts';
import { type NewWrite, NOTHING, type Record, seenOf, view } from '../../../src/core/record/record.ts';
import { actorOf } from '../../../src/core/record/version-vector.ts';
import { PARTITIONS, placeKey } from '../../../src/core/ring/placement.ts';
import { encodeRow } from '../../../src/core/rows/row.ts';
import { addRow, emptySum, encodeSum } from '../../../src/core/rows/segment-sums.ts';
import type { Node } from '../../../src/node.ts';
import type { SeenState } from '../../../src/ports/overview.ts';
import type { Operation as StoreOperation } from '../../../src/ports/store.ts';
import { dataKey, hintKey, indexKey, sumKey } from '../../../src/replica/layout.ts';
import { FoundStore } from '../disk/found.ts';
import { SortedRows } from '../disk/rows.ts';
import type { Operation, Reply } from '../history.ts';
import { type Note, notesOn } from '../notes.ts';
import type { Oracle } from '../oracle.ts';
import type { View } from '../view.ts';
import { allOracles } from './all.ts';
import { Removals } from './removals.ts';

export const KEY = 'k';
const PLACE = placeKey({ bucket: 'b', key: KEY }, PARTITIONS);
const CLUSTER = clusterId('00112233445566aa');

type Asked = Partial<Operation> & Pick<Operation, 'kind'>;
type Making = { -readonly [Name in keyof Operation]: Operation[Name] };

/** What an answer says beside its record. */
export interface Told {
  readonly own?: WriteId;
  readonly answered?: number;
  readonly fallback?: number;
  readonly unrepaired?: number;
}

interface Stored {
  /** The record whose digest is the sum. */
  readonly sum?: Record;
  /** Whether the index names the row; `true` unless said otherwise. */
  readonly indexed?: boolean;
  /** Of the batch. */
  readonly rest?: readonly StoreOperation[];
}

export class Scene implements View {
  now = 0;
  readonly nodes: readonly string[] = ['n1', 'n2', 'n3'];
  core = this.nodes;
  /** Of the key; the others are stand-ins. */
  owners = this.nodes;
  readonly replication = 3;
  readonly keys: readonly string[] = [KEY];
  readonly oracles: readonly Oracle[];
  /** How many calls of each method of the peer service were sent. */
  readonly calls = new Map<string, number>();
  /** What the nodes have counted of anti-entropy. */
  differences = 0;
  /** Nodes that were rolled back, and nobody is left to tell them. */
  readonly untold = new Set<string>();
  readonly excused: Operation[] = [];
  /** What was removed and is not there, and why that is nobody's fault. */
  readonly removalsExcused: string[] = [];
  /** Who suspected somebody, each time. */
  readonly suspicions: string[] = [];
  /** Nodes that wait for an outcast before they have all of the key's partition. */
  readonly filling = new Set<string>();
  readonly frozen = new Set<string>();
  readonly gone = new Set<string>();
  clear = true;
  isStormy = false;
  changes = 0;
  /** How many notes grew too old. */
  droppedNotes = 0;
  repaired = 0;
  /** Who has seen drift, each time. */
  readonly drifted: string[] = [];
  readonly #disks = new Map(this.nodes.map(node => [node, new SortedRows()]));
  #operations = 0;
  #minted = 0;

  constructor() {
    this.oracles = allOracles(this, {
      onExcused: operation => this.excused.push(operation),
      onRemovalExcused: why => this.removalsExcused.push(why),
    });
  }

  /** A write with a dot of its own, minted at that node. */
  newWrite(node = 'n1'): NewWrite {
    this.#minted += 1;
    const id = Buffer.alloc(16, this.#minted);
    const actor = actorOf(incarnation(Buffer.alloc(8, this.nodes.indexOf(node) + 1)), 1);
    const dot = { actor, counter: this.#minted };
    return {
      writeId: writeId(id),
      value: Buffer.from(`value ${this.#minted}`),
      dot,
      writtenAt: this.#minted,
    };
  }

  begin(asked: Asked): Operation {
    this.now += 1;
    this.#operations += 1;
    const { reply } = asked.contextOf ?? {};
    const how =
      asked.kind === 'get' ? 'read' : reply ? 'after' : asked.kind === 'put' ? 'blind' : 'overwrite';
    const operation: Operation = {
      ...{ id: this.#operations, client: 'c1', key: KEY, how, sight: reply?.shown ?? new Set() },
      ...{ contextOf: undefined, strict: true, quorum: 2, writeId: undefined, beganAt: this.now },
      ...{ tries: [{ node: 'n1', at: this.now }], endedAt: undefined, ended: undefined },
      ...{ reply: undefined, error: undefined },
      ...asked,
    };
    for (const oracle of this.oracles) oracle.began?.(operation);
    return operation;
  }

  /** It is answered with what this record shows. */
  answer(operation: Operation, record: Record, told: Told = {}): Operation {
    const { own, answered = 2, fallback = 0, unrepaired = 0 } = told;
    const shown = new Set([...(own ? [own] : []), ...view(record).map(sibling => sibling.writeId)]);
    const context = encodeContext(seenOf(record), { cluster: CLUSTER, place: PLACE });
    const replicas = { required: operation.quorum, answered, fallback, unrepaired };
    return this.#end(operation, { ended: 'ok', reply: { shown, context, replicas } });
  }

  unknown(operation: Operation): Operation {
    return this.#end(operation, { ended: 'unknown' });
  }

  refuse(operation: Operation): Operation {
    return this.#end(operation, { ended: 'not applied' });
  }

  get(record: Record, told: Told & Partial<Operation> = {}): Operation {
    return this.answer(this.begin({ kind: 'get', ...told }), record, told);
  }

  /** A put that two nodes, or those named, have made durable before it is answered. */
  put(
    write: NewWrite,
    record: Record,
    { at = ['n1', 'n2'], ...of }: { at?: readonly string[] } & Partial<Operation> = {},
  ) {
    const operation = this.begin({ kind: 'put', writeId: write.writeId, ...of });
    for (const node of at) this.store(node, record);
    return this.answer(operation, record, { own: write.writeId });
  }

  /** One batch: the row, its index and its sum. */
  store(node: string, record: Record, { sum = record, indexed = true, rest = [] }: Stored = {}): void {
    const sealed = seal(record, PLACE);
    const total = emptySum();
    addRow(total, seal(sum, PLACE).digest);
    const row = encodeRow({ sealed, birth: undefined, recovering: false }, PLACE);
    this.commit(node, [
      { key: dataKey(PLACE), value: row },
      { key: indexKey(PLACE), value: indexed ? EMPTY : undefined },
      { key: sumKey(PLACE), value: encodeSum(total, sumKey(PLACE)) },
      ...rest,
    ]);
  }

  commit(node: string, batch: readonly StoreOperation[]): void {
    for (const { key, value } of batch) this.#disks.get(node)!.set(byteText(key), value && asBuffer(value));
    for (const oracle of this.oracles) oracle.committed?.(node, batch);
  }

  /** The row is removed, as only a stand-in may. */
  drop(node: string, { rest = [] }: { rest?: readonly StoreOperation[] } = {}): void {
    this.commit(node, [
      { key: dataKey(PLACE), value: undefined },
      { key: indexKey(PLACE), value: undefined },
      { key: sumKey(PLACE), value: undefined },
      ...rest,
    ]);
  }

  /** The row is gone, and the oracle that watches over removals has looked away. */
  vanish(node: string): void {
    this.#disks.get(node)!.replace(new Map());
    const batch = [{ key: dataKey(PLACE), value: undefined }];
    for (const oracle of this.oracles) if (!(oracle instanceof Removals)) oracle.committed?.(node, batch);
  }

  /** That node notes that the target lacks the key. */
  note(node: string, target: string): void {
    this.commit(node, [{ key: noteKey(target), value: new ByteWriter(8).u53(this.now).bytes }]);
  }

  removeNote(node: string, target: string): void {
    this.commit(node, [noteRemoval(target)]);
  }

  wipe(node: string): void {
    this.now += 1;
    for (const oracle of this.oracles) oracle.losing?.(node);
    this.#disks.get(node)!.replace(new Map());
    for (const oracle of this.oracles) oracle.lost?.(node);
  }

  /** Its newest batches are gone: the row is what it was. */
  rollBack(node: string, record: Record): void {
    const rows = new SortedRows();
    const sealed = seal(record, PLACE);
    rows.set(
      byteText(dataKey(PLACE)),
      asBuffer(encodeRow({ sealed, birth: undefined, recovering: false }, PLACE)),
    );
    rows.set(byteText(indexKey(PLACE)), asBuffer(EMPTY));
    for (const oracle of this.oracles) oracle.losing?.(node);
    this.#disks.set(node, rows);
    for (const oracle of this.oracles) oracle.lost?.(node);
  }

  /** Flips a bit of the row, unnoticed. */
  damage(node: string): void {
    const row = Buffer.from(this.#disks.get(node)!.get(byteText(dataKey(PLACE)))!);
    row[row.length - 1]! ^= 1;
    for (const oracle of this.oracles) oracle.losing?.(node);
    this.#disks.get(node)!.set(byteText(dataKey(PLACE)), row);
    for (const oracle of this.oracles) oracle.lost?.(node);
  }

  /** A second passes, and all who are well look at each other: alive and up are all but these pairs. */
  look(seen: { readonly [pair: string]: 'suspect' | 'down' } = {}): void {
    this.now += 1_000;
    const well = this.nodes.filter(node => this.isWell(node));
    const sight = (observer: string) =>
      this.nodes.map(name => {
        const state: SeenState = seen[`${observer} sees ${name}`] ?? 'alive';
        return { name: nodeName(name), state, up: state !== 'down' };
      });
    const sights = new Map(well.map(observer => [observer, sight(observer)]));
    for (const oracle of this.oracles) oracle.looked?.(sights);
  }

  async converge(record: Record = NOTHING): Promise<void> {
    if (record !== NOTHING) for (const node of this.nodes) this.store(node, record);
    for (const oracle of this.oracles) await oracle.converged?.();
  }

  async idle(): Promise<void> {
    for (const oracle of this.oracles) await oracle.idled?.();
  }

  async end(): Promise<void> {
    for (const oracle of this.oracles) await oracle.over?.();
  }

  place() {
    return PLACE;
  }

  primaries(): readonly string[] {
    return this.owners;
  }

  notes(node: string): readonly Note[] {
    return notesOn(this.disk(node));
  }

  row(node: string) {
    return new FoundStore(this.#disks.get(node)!).row(PLACE);
  }

  isWhole(node: string): boolean {
    return !this.isFilling(node);
  }

  isFilling(node: string): boolean {
    return this.filling.has(node);
  }

  isWell(node: string): boolean {
    return !this.frozen.has(node) && !this.gone.has(node);
  }

  isFrozen(node: string): boolean {
    return this.frozen.has(node);
  }

  isGone(node: string): boolean {
    return !this.isWell(node);
  }

  isClear(): boolean {
    return this.clear;
  }

  isUntold(node: string): boolean {
    return this.untold.has(node);
  }

  disk(node: string): FoundStore {
    return new FoundStore(this.#disks.get(node)!);
  }

  running(): Node | undefined {
    return undefined;
  }

  counted(metric: string, node?: string): number {
    if (metric === 'member.suspected') return this.suspicions.filter(by => by === node).length;
    if (metric === 'read.repair') return this.repaired;
    if (metric === 'scrub.drift') return this.drifted.filter(by => by === node).length;
    if (metric === 'repair.differences') return this.differences;
    return metric === 'hint.dropped.age' ? this.droppedNotes : 0;
  }

  sent(method: string): number {
    return this.calls.get(method) ?? 0;
  }

  #end(operation: Operation, how: { ended: Operation['ended']; reply?: Reply }): Operation {
    this.now += 1;
    Object.assign(operation as Making, { endedAt: this.now, ...how });
    for (const oracle of this.oracles) oracle.ended?.(operation);
    return operation;
  }
}

/** As an operation of a batch. */
export function noteRemoval(target: string): StoreOperation {
  return { key: noteKey(target), value: undefined };
}

function noteKey(target: string): Uint8Array {
  return hintKey(nodeName(target), PLACE);
}
