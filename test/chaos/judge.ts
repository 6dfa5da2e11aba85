/**
 * Whether a history is one that Shoal promises: nothing acknowledged is lost (I1, I2), nothing that was
 * replaced or deleted is back (I9), nobody was shown what was never written (I12), the owners of a key hold
 * the same in the end (I6), and no call failed. Pure: a history and what was found at the end go in, findings
 * come out, a sentence each.
 *
 * Says nothing of what a sloppy read may show on the way: while primaries are away, it shows what can be had.
 */
import type { History, Operation } from './history.ts';
import { mayBeGone } from './justified.ts';
import type { BlowKind } from './plan.ts';
import { AFTERMATH_MS, mayLackNote } from './unnoted.ts';

/** A key as it was found once all was quiet. */
export interface Found {
  readonly key: string;
  /** By a strict read of all owners. */
  readonly values: readonly string[];
  /** By each owner alone, before that. */
  readonly owners: readonly OwnersView[];
  /** And after it, which mends what differs. */
  readonly mended: readonly OwnersView[];
}

export interface OwnersView {
  readonly node: string;
  readonly values: readonly string[];
  /** Says which writes are in the record, whether they stand or not: equal for equal records. */
  readonly context: string;
}

/** Something was done to a node, and from `until` on all was well with it again. */
export interface Disturbance {
  readonly node: string;
  readonly kind: BlowKind;
  readonly at: number;
  readonly until: number;
}

export interface Evidence {
  readonly history: Pick<History, 'operations' | 'calls'>;
  readonly found: readonly Found[];
  readonly disturbances: readonly Disturbance[];
}

/** W and R: so many primaries of three meet any others. */
const QUORUM = 2;
/** Overwritten writes that a record remembers; a retry's twin may be shown again after so many (I9). */
const REMEMBERED = 8;

export interface Verdict {
  readonly findings: readonly string[];
  /** Keys whose owners differed, and may have. */
  readonly excused: readonly string[];
}

export function judge(evidence: Evidence): Verdict {
  const { history, found } = evidence;
  const byKey = byKeyOf(history.operations);
  const failed = history.calls.filter(({ failure }) => failure !== undefined);
  const ends = found.map(end => judgeKey(end, byKey.get(end.key) ?? [], evidence));
  return {
    findings: [
      ...failed.map(
        ({ kind, key, began, failure }) => `${kind} ${key} at ${seconds(began)} failed: ${failure}`,
      ),
      ...ends.flatMap(({ findings }) => findings),
    ],
    excused: ends.flatMap(({ excused }) => excused),
  };
}

function byKeyOf(operations: readonly Operation[]): ReadonlyMap<string, readonly Operation[]> {
  const byKey = new Map<string, Operation[]>();
  for (const operation of operations) {
    const known = byKey.get(operation.key);
    if (known) known.push(operation);
    else byKey.set(operation.key, [operation]);
  }
  return byKey;
}

function judgeKey(end: Found, operations: readonly Operation[], evidence: Evidence): Verdict {
  const writes = operations.filter(({ what }) => what !== 'read');
  const { disturbances } = evidence;
  const isExcused = !areEqual(end.values, end.owners) && mayLackNote(end, { writes, disturbances });
  const findings = [
    ...lost(end, writes),
    ...back(end, writes, evidence),
    ...phantoms(end, operations),
    ...differing(end, isExcused),
  ];
  return { findings, excused: isExcused ? [end.key] : [] };
}

function lost({ key, values }: Found, writes: readonly Operation[]): readonly string[] {
  const standing = new Set(values);
  const gone = mayBeGone(writes, standing);
  return writes
    .filter(({ value, outcome }) => value !== undefined && outcome === 'acknowledged')
    .filter(({ value }) => !standing.has(value!) && !gone.has(value!))
    .map(
      ({ value, began, ended }) =>
        `${key}: ${value} is lost: acknowledged (${seconds(began)} to ${seconds(ended)}), replaced by nobody, and not among [${values}]`,
    );
}

function back({ key, values }: Found, writes: readonly Operation[], evidence: Evidence): readonly string[] {
  return values.flatMap(value => {
    const write = writes.find(put => put.value === value);
    const remover = write && writes.find(other => hasRemoved(other, write, evidence));
    if (write === undefined || remover === undefined || mayBeTwin(write, writes, evidence)) return [];
    const by = remover.value === undefined ? 'deleted' : `replaced by ${remover.value}`;
    return [
      `${key}: ${value} is back: ${by} (${seconds(remover.began)} to ${seconds(remover.ended)}), and there in the end`,
    ];
  });
}

/**
 * For certain. One over whatever is there has met what was acknowledged before it began, if primaries
 * acknowledged both, and it was carried out once: a second try only shows what it finds.
 */
function hasRemoved(remover: Operation, write: Operation, { disturbances }: Evidence): boolean {
  if (remover.outcome !== 'acknowledged') return false;
  if (remover.covers !== 'all') return remover.covers.includes(write.value!);
  const met = [remover, write].every(
    ({ primaries, outcome }) => primaries >= QUORUM && outcome === 'acknowledged',
  );
  return met && write.ended < remover.began && !isDisturbed(remover, disturbances);
}

/** A put that may have been tried twice, and so many writes later that its id is forgotten. */
function mayBeTwin(write: Operation, writes: readonly Operation[], { disturbances }: Evidence): boolean {
  const later = writes.filter(({ value, ended }) => value !== undefined && ended > write.began).length;
  return isDisturbed(write, disturbances) && later > REMEMBERED;
}

function isDisturbed({ began, ended }: Operation, disturbances: readonly Disturbance[]): boolean {
  return disturbances.some(({ at, until }) => at <= ended && began <= until + AFTERMATH_MS);
}

/** Values that nobody had begun to write under this key when they were shown. */
function phantoms({ key, values }: Found, operations: readonly Operation[]): readonly string[] {
  const begunAt = new Map(operations.map(({ value, began }) => [value, began]));
  const showings = [
    ...operations.map(({ shown, ended }) => ({ shown, ended })),
    { shown: values, ended: Number.POSITIVE_INFINITY },
  ];
  return showings.flatMap(({ shown, ended }) =>
    shown
      .filter(value => !((begunAt.get(value) ?? Number.POSITIVE_INFINITY) < ended))
      .map(value => `${key}: ${value} was shown by ${seconds(ended)}, and nobody had written it`),
  );
}

function differing(end: Found, isExcused: boolean): readonly string[] {
  const { key, values, owners, mended } = end;
  const told = (what: string, views: readonly OwnersView[]) => {
    const each = views.map(
      ({ node, values: held, context }) => `${node} [${said(held)}] ${context.slice(-12)}`,
    );
    return `${key}: its owners ${what}: ${each.join('; ')}; together [${said(values)}]`;
  };
  if (!areEqual(values, mended)) return [told('differ after a read of all of them', mended)];
  return isExcused || areEqual(values, owners) ? [] : [told('differ', owners)];
}

function areEqual(values: readonly string[], views: readonly OwnersView[]): boolean {
  const [first] = views;
  return views.every(view => said(view.values) === said(values) && view.context === first!.context);
}

function said(values: readonly string[]): string {
  return [...values].sort().join(', ');
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(3)} s` : 'the end';
}
