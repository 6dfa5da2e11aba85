import { describe, expect, it } from 'vitest';
import { nodeName } from '../../../src/base/ids.ts';
import {
  addAck,
  addAsked,
  addFailure,
  countedAcks,
  fallbackAcks,
  newWriteTally,
  type Role,
  type Verdict,
  type WriteTally,
  writeVerdict,
} from '../../../src/core/quorum/write-tally.ts';

type Answer = 'ack' | 'failure' | 'none yet';

interface Member {
  readonly role: Role;
  readonly answer: Answer;
}

const ROLES: readonly Role[] = ['primary', 'fallback'];
const ANSWERS: readonly Answer[] = ['ack', 'failure', 'none yet'];

/** The dumb twin: tries every way the open questions could end and looks at the counts. */
function verdictByTrying(members: readonly Member[], rule: Rule): Verdict {
  const counts = (how: (member: Member) => boolean) =>
    members.filter(member => how(member) && !(rule.strict && member.role === 'fallback')).length;
  if (counts(({ answer }) => answer === 'ack') >= rule.required) return 'met';
  const best = counts(({ answer }) => answer !== 'failure') + rule.spares;
  return best >= rule.required ? 'pending' : 'lost';
}

interface Rule {
  readonly required: number;
  readonly strict: boolean;
  readonly spares: number;
}

function* everyRule(nodes: number): Generator<Rule> {
  for (let required = 1; required <= nodes; required++) {
    yield { required, strict: true, spares: 0 };
    for (const spares of [0, 1, 2]) yield { required, strict: false, spares };
  }
}

/** Every multiset of so many members: the tally does not look at names. */
function* everyCast(size: number, from = 0): Generator<readonly Member[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let i = from; i < ROLES.length * ANSWERS.length; i++) {
    const member = { role: ROLES[i % ROLES.length]!, answer: ANSWERS[Math.floor(i / ROLES.length)]! };
    for (const rest of everyCast(size - 1, i)) yield [member, ...rest];
  }
}

function tallyOf(members: readonly Member[], { required, strict }: Rule, from: 'first' | 'last'): WriteTally {
  let tally = newWriteTally({ required, strict });
  const named = members.map((member, i) => ({ ...member, node: nodeName(`n${i}`) }));
  for (const member of named) tally = addAsked(tally, member);
  for (const { node, answer } of from === 'first' ? named : named.toReversed()) {
    if (answer === 'ack') tally = addAck(tally, node);
    if (answer === 'failure') tally = addFailure(tally, node);
  }
  return tally;
}

describe('a write tally', () => {
  it('agrees with a twin that only counts, for all roles and answers of up to five nodes, every W, and answers in both orders', () => {
    let cases = 0;
    for (let size = 1; size <= 5; size++) {
      for (const members of everyCast(size)) {
        for (const rule of everyRule(size)) {
          for (const from of ['first', 'last'] as const) {
            const verdict = writeVerdict(tallyOf(members, rule, from), rule.spares);
            if (verdict !== verdictByTrying(members, rule))
              expect.fail(`${JSON.stringify({ members, rule, from })}: ${verdict}`);
            cases += 1;
          }
        }
      }
    }
    expect(cases).toBeGreaterThan(10_000);
  });

  const [a, b, f] = ['a', 'b', 'f'].map(nodeName) as [never, never, never];
  const asked = (strict: boolean) =>
    [
      { node: a, role: 'primary' as const },
      { node: b, role: 'primary' as const },
      { node: f, role: 'fallback' as const },
    ].reduce(addAsked, newWriteTally({ required: 2, strict }));

  it('counts a node once, however often it acknowledges (I5)', () => {
    const tally = addAck(addAck(asked(false), a), a);
    expect(countedAcks(tally)).toEqual([a]);
    expect(writeVerdict(tally, 0)).toBe('pending');
  });

  it('lets no fallback meet a strict quorum, but says that it acknowledged (Q1)', () => {
    const tally = addAck(addAck(asked(true), a), f);
    expect(writeVerdict(tally, 0)).toBe('pending');
    expect(countedAcks(tally)).toEqual([a]);
    expect(fallbackAcks(tally)).toBe(1);
    expect(writeVerdict(addFailure(tally, b), 0)).toBe('lost');
  });

  it('is not moved by nodes that were not asked, nor by a failure after an acknowledgement', () => {
    const stranger = nodeName('x');
    expect(addAck(asked(false), stranger)).toEqual(asked(false));
    expect(addFailure(asked(false), stranger)).toEqual(asked(false));
    expect(countedAcks(addFailure(addAck(asked(false), a), a))).toEqual([a]);
  });

  it('asks a node once', () => {
    expect(() => addAsked(asked(false), { node: a, role: 'primary' })).toThrow('asked once');
    expect(() => addAsked(addAck(asked(false), a), { node: a, role: 'primary' })).toThrow('asked once');
  });
});
