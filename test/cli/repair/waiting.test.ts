/** `shoal repair --wait` by a virtual clock: what it takes for the end, and for what it does not wait. */
import { describe, expect, test } from 'vitest';
import { barLines } from '../../../src/cli/repair/lines.ts';
import { agreedSentence } from '../../../src/cli/repair/sentences.ts';
import { untilAgreed, type WaitingParts } from '../../../src/cli/repair/waiting.ts';
import { type ClusterStatus, type RepairWith, ShoalError } from '../../../src/client/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { memberAt, QUIET_STATUS, repairWith } from '../support/statuses.ts';

const AT = { node: 'n1', address: '127.0.0.1:7400' };

/** The status of n1 that was asked three times; all the others have the last word on what is agreed. */
function status(others: readonly RepairWith[], otherwise: Partial<ClusterStatus> = {}): ClusterStatus {
  const agreed = Math.min(3, ...others.map(({ agreedFor }) => agreedFor));
  return { ...QUIET_STATUS, repair: { asked: 3, agreed, with: others }, ...otherwise };
}

const DONE = { agreedFor: 3, agreedMs: 10 };

/** @param says what n1 says to each question, by the time; an error is what it fails with */
function waiting(says: (now: number) => ClusterStatus | ShoalError, more: Partial<WaitingParts> = {}) {
  const clock = new VirtualClock();
  const shown: string[] = [];
  const ended = untilAgreed({
    at: AT,
    asked: 3,
    began: 0,
    timeoutMs: undefined,
    silenceMs: 5_000,
    status: async () => {
      const said = says(clock.now());
      if (said instanceof ShoalError) throw said;
      return said;
    },
    peers: async () => [],
    now: () => clock.now(),
    sleep: ms => new Promise(resolve => void clock.after(ms, resolve)),
    show: course => void shown.push(...barLines(course, Number.POSITIVE_INFINITY)),
    ...more,
  });
  return { ended: clock.done(ended), shown, clock };
}

async function failureOf(ended: Promise<unknown>): Promise<string> {
  return await ended.then(
    () => 'it has ended well',
    error => String(error.message),
  );
}

describe('it ends well', () => {
  test('at once when the nodes agree at the first look', async () => {
    const { ended } = waiting(() => status([repairWith('n2', DONE)]));
    expect(await ended).toMatchObject({ records: 0, tookMs: 0 });
  });

  test('when the last of them agrees, with what was brought meanwhile', async () => {
    const { ended, shown } = waiting(now =>
      status([
        now < 400
          ? repairWith('n2', { partitionsLeft: 8, records: now, bytes: 10 * now, tookMs: now + 1 })
          : repairWith('n2', { ...DONE, records: 500, bytes: 5_000 }),
        now < 200
          ? repairWith('n3', { partitionsLeft: 8, tookMs: now + 1 })
          : repairWith('n3', { ...DONE, records: 7, bytes: 70 }),
      ]),
    );
    expect(await ended).toMatchObject({ records: 507, bytes: 5_070, tookMs: 400 });
    expect(shown).toEqual([
      '   0 s  [--------------------]   0 %  n2: 8 partitions  n3: 8 partitions',
      '   0 s  [##########----------]  50 %  207 records  1 035/s  2.0 KiB  n2: 8 partitions',
      '   0 s  [####################] 100 %  507 records  1 268/s  5.0 KiB',
    ]);
  });

  test('not while it agrees for an earlier request only', async () => {
    const { ended } = waiting(now => status([repairWith('n2', { agreedFor: now < 1_000 ? 2 : 3 })]));
    expect(await ended).toMatchObject({ tookMs: 1_000 });
  });

  test('not while partitions of the node are recovering, though its peers agree', async () => {
    const { ended, shown } = waiting(now =>
      status([repairWith('n2', DONE)], { recoveringPartitions: now < 600 ? 256 - now / 4 : 0 }),
    );
    expect(agreedSentence(AT, await ended)).toBe(
      'n1 and its peers agree after 600 ms: 256 partitions recovered',
    );
    expect(shown[2]).toBe('   0 s  [#######-------------]  39 %  156 partitions recovering');
  });

  test('after a peer that was down is back', async () => {
    const { ended, shown } = waiting(now =>
      status([repairWith('n2', now < 60_000 ? { up: false } : DONE), repairWith('n3', DONE)]),
    );
    expect(await ended).toMatchObject({ tookMs: 60_000 });
    expect(shown[0]).toBe('   0 s  n2: down, waiting');
  });

  test('though a question now and then has no answer', async () => {
    const busy = new ShoalError('OVERLOADED', 'busy');
    const { ended } = waiting(now => (now % 400 === 0 ? busy : status([repairWith('n2', DONE)])));
    expect(await ended).toMatchObject({ tookMs: 200 });
  });
});

describe('what was brought', () => {
  test('before the request is not counted', async () => {
    const before = { records: 900, bytes: 9_000 };
    const { ended } = waiting(now => {
      if (now === 0) return status([repairWith('n2', { ...before, agreedFor: 2 })]);
      return status([repairWith('n2', { ...DONE, records: 4, bytes: 40 })]);
    });
    expect(await ended).toMatchObject({ records: 4, bytes: 40 });
  });

  test('is counted on when the node counts anew', async () => {
    const { ended } = waiting(now => {
      if (now === 0) return status([repairWith('n2', { records: 30, bytes: 300, tookMs: 50 })]);
      return status([repairWith('n2', { ...DONE, records: 4, bytes: 40 })]);
    });
    expect(await ended).toMatchObject({ records: 34, bytes: 340 });
  });

  test('after two have agreed is not counted, while a third is awaited', async () => {
    const { ended } = waiting(now => {
      const n2 = now === 0 ? { ...DONE, records: 5 } : { ...DONE, records: 99 };
      return status([repairWith('n2', n2), repairWith('n3', now < 500 ? { tookMs: 1 } : DONE)]);
    });
    expect(await ended).toMatchObject({ records: 5 });
  });
});

describe('while the node recovers', () => {
  const others = [repairWith('n2'), repairWith('n3')];
  const refill = (now: number) => ({
    records: 10 * now,
    bytes: 1_000 * now,
    tookMs: now,
    leftMs: 1_000 - now,
  });

  test('what its refill brings counts, and how long that takes', async () => {
    const { ended, shown } = waiting(now =>
      now < 1_000
        ? status(others, { recoveringPartitions: 100 - now / 10, refill: refill(now) })
        : status([repairWith('n2', { ...DONE, records: 5, bytes: 50 }), repairWith('n3', DONE)], {
            refill: { records: 10_000, bytes: 1_000_000, tookMs: 0 },
          }),
    );
    expect(agreedSentence(AT, await ended)).toBe(
      'n1 and its peers agree after 1.0 s: 100 partitions recovered, 10 005 records brought, 977 KiB',
    );
    expect(shown[3]).toBe(
      '   1 s  [############--------]  60 %  6 000 records  10 000/s  586 KiB  less than 1 s left  40 partitions recovering, then n2, n3',
    );
  });

  test('what an earlier refill brought does not', async () => {
    const { ended } = waiting(() => status([repairWith('n2', DONE)], { refill: refill(500) }));
    expect(await ended).toMatchObject({ records: 0, bytes: 0 });
  });

  test('nobody says how long it takes while an owner is down', async () => {
    const { ended, shown } = waiting(now => {
      if (now > 0) return status([repairWith('n2', DONE)]);
      const down = repairWith('n2', { up: false });
      return status([down], { recoveringPartitions: 4, refill: refill(100) });
    });
    await ended;
    expect(shown[0]).toBe(
      '   0 s  [--------------------]   0 %  1 000 records  98 KiB  4 partitions recovering  n2: down, waiting',
    );
  });
});

describe('a peer that does not agree', () => {
  const MEMBERS = ['n1', 'n2', 'n3'].map((name, i) => memberAt(name, 7400 + 10 * i));
  const askedOf: string[] = [];

  /** @param says what n2 says of itself when it is asked */
  function lineAfterAsking(others: readonly RepairWith[], says: Partial<ClusterStatus> = {}) {
    const { ended, shown } = waiting(now => status(now < 4_000 ? others : [], { members: MEMBERS }), {
      peers: async ({ members }) => {
        askedOf.push(...members.map(({ name }) => name));
        return [{ ...QUIET_STATUS, node: 'n2', ...says }];
      },
    });
    return ended.then(() => shown.at(-2)!.replace(/^ *\d+ s {2}/, ''));
  }

  test.each([
    ['has a disk that failed', { state: 'storage-faulted' }, 'n2: its DISK FAILED, waiting'],
    ['recovers', { recoveringPartitions: 12 }, 'n2: 12 partitions recovering there'],
    ['does not know why either', {}, 'n2: not agreed yet'],
  ])('%s, as it says itself', async (_, says, line) => {
    expect(await lineAfterAsking([repairWith('n2', { tookMs: 9_000 })], says)).toBe(line);
  });

  test.each([
    ['has only begun', [repairWith('n2', { tookMs: 900 })], 'n2: comparing'],
    ['has not begun', [repairWith('n2')], 'n2: waiting for its turn'],
    [
      'comes after another',
      [repairWith('n2', { tookMs: 9_000 }), repairWith('n3', { tookMs: 9_000, partitionsLeft: 4 })],
      '[--------------------]   0 %  n2: after n3  n3: 4 partitions',
    ],
  ])('%s', async (_, others, line) => {
    expect(await lineAfterAsking(others)).toBe(line);
  });

  test('is asked only if it can be, and is waited for', async () => {
    askedOf.length = 0;
    await lineAfterAsking([repairWith('n2', { tookMs: 1 }), repairWith('n3', { up: false })]);
    expect(new Set(askedOf)).toEqual(new Set(['n2']));
  });
});

describe('it ends in vain', () => {
  test('when the time is over, and a disk has failed: more time would not help', async () => {
    const members = [memberAt('n2', 7410)];
    const { ended } = waiting(() => status([repairWith('n2', { tookMs: 9_000 })], { members }), {
      timeoutMs: 1_000,
      peers: async () => [{ ...QUIET_STATUS, node: 'n2', state: 'storage-faulted' }],
    });
    expect(await failureOf(ended)).toBe(
      'shoal: n1 does not agree with n2 yet after 1.0 s: the disk of n2 failed, and nothing is taken in there; ' +
        'restart n2 on a sound disk. The repair itself goes on',
    );
  });

  test('when the time is over, and one of the two recovers', async () => {
    const members = [memberAt('n2', 7410)];
    const { ended } = waiting(() => status([repairWith('n2')], { members, recoveringPartitions: 3 }), {
      timeoutMs: 1_000,
    });
    expect(await failureOf(ended)).toMatch(
      /^shoal: n1 does not agree with n2 yet after 1\.0 s: 3 partitions of n1 are still recovering; allow more time/,
    );
    const other = waiting(() => status([repairWith('n2')], { members }), {
      timeoutMs: 1_000,
      peers: async () => [{ ...QUIET_STATUS, node: 'n2', recoveringPartitions: 1 }],
    });
    expect(await failureOf(other.ended)).toMatch(/: 1 partition of n2 is still recovering; allow more time/);
  });

  test('when the time is over that was half gone before it was asked', async () => {
    const { ended, clock } = waiting(() => status([repairWith('n2')]), { timeoutMs: 1_500, began: -700 });
    expect(await failureOf(ended)).toMatch(/^shoal: n1 does not agree with n2 yet after 1\.5 s;/);
    expect(clock.now()).toBe(800);
  });

  test('when the time is over: who is awaited, and what to do', async () => {
    const { ended, clock } = waiting(
      () => status([repairWith('n2', { up: false }), repairWith('n3', { partitionsLeft: 4, tookMs: 1 })]),
      { timeoutMs: 1_500 },
    );
    expect(await failureOf(ended)).toBe(
      'shoal: n1 does not agree with n2, n3 yet after 1.5 s: n2 is down; start n2, or allow more time with --timeout. The repair itself goes on',
    );
    expect(clock.now()).toBe(1_500);
  });

  test('when the time is over and only the node itself is not ready', async () => {
    const says = () => status([repairWith('n2', DONE)], { recoveringPartitions: 1 });
    expect(await failureOf(waiting(says, { timeoutMs: 1_000 }).ended)).toBe(
      'shoal: 1 partition of n1 is still recovering after 1.0 s; allow more time with --timeout. The repair itself goes on',
    );
  });

  test('when the time is over before the node has said anything', async () => {
    const busy = new ShoalError('OVERLOADED', 'busy');
    expect(await failureOf(waiting(() => busy, { timeoutMs: 100 }).ended)).toMatch(
      /^shoal: n1 has not told how far it is after 100 ms; allow more time with --timeout/,
    );
  });

  test('when the node was restarted: it has forgotten the request', async () => {
    const says = (now: number) =>
      now < 400
        ? status([repairWith('n2', { tookMs: 1 })])
        : { ...QUIET_STATUS, repair: { asked: 0, agreed: 0, with: [] } };
    expect(await failureOf(waiting(says).ended)).toMatch(
      /^shoal: n1 was restarted meanwhile, .*; ask again: shoal repair --wait --addr 127\.0\.0\.1:7400$/,
    );
  });

  test.each([
    [{ node: 'n9' }, 'n9 answers at 127.0.0.1:7400 now, and n1 was asked'],
    [{ state: 'draining' }, 'n1 is shutting down'],
    [{ state: 'storage-faulted' }, 'the disk of n1 has failed'],
  ])('when it will never be done: %j', async (otherwise, sentence) => {
    expect(await failureOf(waiting(() => status([repairWith('n2')], otherwise)).ended)).toContain(sentence);
  });

  test('when the node has not answered for as long as it may', async () => {
    const gone = new ShoalError('UNREACHABLE', 'nobody listens there');
    const members = [memberAt('n1', 7400), memberAt('n2', 7410), { ...memberAt('n3', 7420), up: false }];
    const told = status([repairWith('n2', { tookMs: 1 })], { members });
    const { ended, clock } = waiting(now => (now < 1_000 ? told : gone));
    expect(await failureOf(ended)).toBe(
      'shoal: n1 does not answer at 127.0.0.1:7400 any more (UNREACHABLE: nobody listens there); ' +
        'see who is down by asking another node: shoal status --addr 127.0.0.1:7410',
    );
    expect(clock.now()).toBe(5_800);
  });
});
