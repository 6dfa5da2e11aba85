/** What counts the rare things that clients were told. */
import { describe, expect, test } from 'vitest';
import type { Operation } from './history.ts';
import { answersIn, Reached } from './reached.ts';

describe('what answers to clients tell', () => {
  const put: Partial<Operation> = { kind: 'put', tries: [{ node: 'n1', at: 0 }] };
  const answered = (of: { answered: number; fallback: number }) => ({
    shown: new Set<never>(),
    context: new Uint8Array(),
    replicas: { required: 2, unrepaired: 0, ...of },
  });

  test.each<[what: string, operation: Partial<Operation>, counted: readonly string[]]>([
    ['nothing rare', { ...put, reply: answered({ answered: 2, fallback: 0 }) }, []],
    ['one stand-in', { ...put, reply: answered({ answered: 2, fallback: 1 }) }, ['ack: stand-ins too']],
    ['no owner', { ...put, reply: answered({ answered: 2, fallback: 2 }) }, ['ack: stand-ins alone']],
    [
      'a late second try',
      {
        ...put,
        tries: [
          { node: 'n1', at: 0 },
          { node: 'n2', at: 2_000 },
        ],
        reply: answered({ answered: 2, fallback: 0 }),
      },
      ['ack: a try seconds after the first', 'ack: the second try or later'],
    ],
    [
      'a read of stand-ins',
      { kind: 'get', reply: answered({ answered: 2, fallback: 2 }) },
      ['read: stand-ins alone'],
    ],
    ['a refusal', { ...put, error: 'EXPIRED: the deadline had passed (not applied)' }, ['told: EXPIRED']],
  ])('%s', (_, operation, counted) => {
    const reached = new Reached();
    answersIn(reached).ended!(operation as Operation);
    expect(Object.keys(reached.counts)).toEqual(counted);
  });
});
