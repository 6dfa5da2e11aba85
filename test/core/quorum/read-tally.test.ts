import { describe, expect, it } from 'vitest';
import { type NodeName, nodeName } from '../../../src/base/ids.ts';
import {
  addAnswer,
  addAsked,
  addFailure,
  addOverdue,
  agree,
  countedAnswers,
  newReadTally,
  type ReadAnswer,
  type ReadTally,
  readVerdict,
  type Spares,
  stale,
  standIns,
  withoutAnswer,
} from '../../../src/core/quorum/read-tally.ts';
import type { Role, Verdict } from '../../../src/core/quorum/write-tally.ts';
import { NO_DIGEST } from '../../../src/core/record/codec.ts';

const VALUE = new Uint8Array(16).fill(1);
const OTHER = new Uint8Array(16).fill(2);

type Said = 'value' | 'nothing' | 'failure' | 'none yet' | 'overdue';

interface Member {
  readonly node: NodeName;
  readonly role: Role;
  readonly recovering: boolean;
  readonly said: Said;
}

interface Rule {
  readonly required: number;
  readonly strict: boolean;
  readonly spares: Spares;
}

/** Who can be behind an answer: a primary, one that is recovering, a fallback. */
const KINDS = [
  { role: 'primary', recovering: false },
  { role: 'primary', recovering: true },
  { role: 'fallback', recovering: false },
] as const;
const SAID: readonly Said[] = ['value', 'nothing', 'failure', 'none yet', 'overdue'];
/** It may come. */
const OPEN: readonly Said[] = ['none yet', 'overdue'];

/** As many spares as there may be; none beside five nodes, where the casts are many. */
function* everyRule({ nodes, strict }: { nodes: number; strict: boolean }): Generator<Rule> {
  for (const primaries of nodes < 5 ? [0, 1] : [0]) {
    for (const fallbacks of nodes < 5 && !strict ? [0, 1] : [0]) {
      for (let required = 1; required <= Math.max(1, nodes + primaries); required++)
        yield { required, strict, spares: { primaries, fallbacks } };
    }
  }
}

/** Every multiset of members: the tally does not look at names. */
function* everyCast(size: number, from = 0): Generator<readonly Member[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let i = from; i < KINDS.length * SAID.length; i++) {
    const member = {
      ...KINDS[i % KINDS.length]!,
      said: SAID[Math.floor(i / KINDS.length)]!,
      node: nodeName(`n${size}`),
    };
    for (const rest of everyCast(size - 1, i)) yield [member, ...rest];
  }
}

/**
 * The dumb twin: met now by the letter of DESIGN §6; otherwise it is worth waiting exactly if *some* way of
 * answering all that is open, with all spares asked, would be met.
 */
function verdictByTrying(members: readonly Member[], rule: Rule): Verdict {
  const primaryOwes =
    rule.spares.primaries > 0 || members.some(({ role, said }) => role === 'primary' && said === 'none yet');
  if (isMet(members, { ...rule, primaryOwes })) return 'met';
  const open = members.filter(({ said }) => OPEN.includes(said)).length;
  if (open + rule.spares.primaries + (rule.strict ? 0 : rule.spares.fallbacks) === 0) return 'lost';
  return isMet(best(members, rule), { ...rule, primaryOwes: false }) ? 'pending' : 'lost';
}

/** All that is open answers as well as it can: whole if it may, with a value. */
function best(members: readonly Member[], { spares, strict }: Rule): readonly Member[] {
  const spare = (role: Role, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      node: nodeName(`spare ${role} ${i}`),
      role,
      recovering: false,
      said: 'value' as const,
    }));
  const answered = members.map(member =>
    OPEN.includes(member.said) ? { ...member, recovering: false, said: 'value' as const } : member,
  );
  return [
    ...answered,
    ...spare('primary', spares.primaries),
    ...(strict ? [] : spare('fallback', spares.fallbacks)),
  ];
}

function isMet(
  members: readonly Member[],
  { required, strict, primaryOwes }: Rule & { readonly primaryOwes: boolean },
): boolean {
  let counted = 0;
  let somethingSaid = false;
  for (const { role, recovering, said } of members) {
    if (said === 'failure' || OPEN.includes(said)) continue;
    const standIn = role === 'fallback' || recovering;
    if (standIn && strict) continue;
    if (standIn && said === 'nothing' && primaryOwes) continue;
    counted += 1;
    if (!standIn || said === 'value') somethingSaid = true;
  }
  return counted >= required && somethingSaid;
}

function tallyOf(members: readonly Member[], { required, strict }: Rule): ReadTally {
  let tally = members.reduce<ReadTally>(addAsked, newReadTally({ required, strict }));
  for (const { node, role, recovering, said } of members) {
    if (said === 'overdue') tally = addOverdue(tally, node);
    if (said === 'failure') tally = addFailure(tally, node);
    if (said === 'value') tally = addAnswer(tally, { node, role, recovering, digest: VALUE });
    if (said === 'nothing') tally = addAnswer(tally, { node, role, recovering, digest: NO_DIGEST });
  }
  return tally;
}

describe('a read tally', () => {
  it('agrees with a twin that tries every end, for all casts up to five nodes and every R', () => {
    let cases = 0;
    for (let size = 0; size <= 5; size++) {
      for (const members of everyCast(size)) {
        for (const strict of [false, true]) {
          if (strict && members.some(({ role }) => role === 'fallback')) continue;
          for (const rule of everyRule({ nodes: size, strict })) {
            const verdict = readVerdict(tallyOf(members, rule), rule.spares);
            if (verdict !== verdictByTrying(members, rule))
              expect.fail(`${JSON.stringify({ members, rule })}: ${verdict}`);
            cases += 1;
          }
        }
      }
    }
    expect(cases).toBeGreaterThan(30_000);
  });

  const NONE: Spares = { primaries: 0, fallbacks: 0 };
  const answer = (name: string, more: Partial<ReadAnswer> = {}): ReadAnswer => ({
    node: nodeName(name),
    role: 'primary',
    recovering: false,
    digest: VALUE,
    ...more,
  });
  const answered = (rule: { required: number; strict: boolean }, ...answers: ReadAnswer[]) =>
    answers.reduce((tally, each) => addAnswer(addAsked(tally, each), each), newReadTally(rule));

  it('takes the empties of fallbacks alone for no answer, never for an absent key', () => {
    const nothing = { role: 'fallback', digest: NO_DIGEST } as const;
    const tally = answered({ required: 2, strict: false }, answer('f', nothing), answer('g', nothing));
    expect(readVerdict(tally, NONE)).toBe('lost');
    expect(readVerdict(tally, { primaries: 0, fallbacks: 1 })).toBe('pending');
  });

  it('lets a fallback that has nothing count beside a primary, once no other primary can speak', () => {
    const tally = answered(
      { required: 2, strict: false },
      answer('p', { digest: NO_DIGEST }),
      answer('f', { role: 'fallback', digest: NO_DIGEST }),
    );
    expect(readVerdict(tally, { primaries: 1, fallbacks: 0 })).toBe('pending');
    expect(readVerdict(tally, NONE)).toBe('met');
  });

  it('waits for no primary that is overdue, and counts its answer if it comes', () => {
    const nothing = answer('p', { digest: NO_DIGEST });
    const standIn = answer('f', { role: 'fallback', digest: NO_DIGEST });
    const frozen = answer('q');
    const waiting = addAsked(answered({ required: 2, strict: false }, nothing, standIn), frozen);
    expect(readVerdict(waiting, NONE)).toBe('pending');
    const overdue = addOverdue(waiting, frozen.node);
    expect(readVerdict(overdue, NONE)).toBe('met');
    expect(countedAnswers(addAnswer(overdue, frozen), NONE)).toEqual([nothing, standIn, frozen]);
  });

  it('counts a recovering primary in no strict read, and as a stand-in in a sloppy one (I5)', () => {
    const half = [answer('a'), answer('b', { recovering: true })];
    expect(readVerdict(answered({ required: 2, strict: true }, ...half), NONE)).toBe('lost');
    const sloppy = answered({ required: 2, strict: false }, ...half);
    expect(readVerdict(sloppy, NONE)).toBe('met');
    expect(standIns(countedAnswers(sloppy, NONE))).toBe(1);
  });

  it('counts a node once, and not at all when it could not show what it had', () => {
    const rule = { required: 2, strict: true };
    const tally = addAnswer(answered(rule, answer('a')), answer('a', { digest: OTHER }));
    expect(countedAnswers(tally, NONE)).toEqual([answer('a')]);
    expect(countedAnswers(withoutAnswer(tally, nodeName('a')), NONE)).toEqual([]);
    expect(() => addAsked(tally, answer('a'))).toThrow('asked once');
  });

  it('knows who agrees and who is behind', () => {
    const [a, b, c] = [answer('a'), answer('b', { digest: OTHER }), answer('c')];
    expect(agree([a, c])).toBe(true);
    expect(agree([a, b, c])).toBe(false);
    expect(stale([a, b, c], VALUE)).toEqual([b]);
  });
});
