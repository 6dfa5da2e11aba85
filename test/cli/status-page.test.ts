/** What an operator reads at three in the morning, as it looks. */
import { describe, expect, test } from 'vitest';
import { duration } from '../../src/cli/duration.ts';
import { statusPage } from '../../src/cli/status/page.ts';
import type { Survey } from '../../src/cli/status/survey.ts';
import type { ClusterStatus, MemberStatus, RepairWith } from '../../src/client/index.ts';
import { memberAt, QUIET_STATUS, repairWith } from './support/statuses.ts';

const MEMBERS = [memberAt('n1', 7400), memberAt('n2', 7410), { ...memberAt('n3', 7420), zone: 'rack-b' }];

const HEALTHY: ClusterStatus = { ...QUIET_STATUS, members: MEMBERS };

const DOWN = { up: false, state: 'down', silentMs: 40_000 };

/** The answer of a node, told apart from that of a healthy one. */
type Otherwise = Omit<Partial<ClusterStatus>, 'members'> & {
  readonly members?: Readonly<Record<string, Partial<MemberStatus>>>;
};

function answerOf(node: string, { members = {}, ...rest }: Otherwise): ClusterStatus {
  const seen = MEMBERS.map(each => ({ ...each, ...members[each.name] }));
  return { ...HEALTHY, node, ...rest, members: seen };
}

/** All three answer, n1 was asked first; null: not that one. */
function page(otherwise: {
  readonly n1?: Otherwise;
  readonly n2?: Otherwise | null;
  readonly n3?: Otherwise | null;
}) {
  const asked = answerOf('n1', otherwise.n1 ?? {});
  const others = (['n2', 'n3'] as const).filter(name => otherwise[name] !== null);
  const silent = (['n2', 'n3'] as const).filter(name => otherwise[name] === null);
  const survey: Survey = {
    asked,
    answers: [asked, ...others.map(name => answerOf(name, otherwise[name] ?? {}))],
    silent: silent.map(name => ({ name, why: 'nobody listens at its address' })),
  };
  return statusPage(survey);
}

/** Of some of them. */
type Some = Readonly<Partial<Record<'n1' | 'n3', Otherwise>>>;

/** What stands in the column STATE. */
function statesIn(text: string): readonly string[] {
  const rows = text.split('\n').filter(line => /^n\d {2}/.test(line));
  return rows.map(row => row.split(/ {2,}/)[1]!);
}

test('when all is well', () => {
  expect(page({})).toBe(`\
node     n1, serving
cluster  0123456789abcdef, ring epoch 1 (feedface), 256 partitions, 3 replicas
members  3, all up
records  1204 on this node
hints    none

MEMBER  STATE           ZONE    WEIGHT  PARTITIONS  CLIENTS         PEERS
n1      up (this node)  -       1       256         127.0.0.1:7400  127.0.0.1:7401
n2      up              -       1       256         127.0.0.1:7410  127.0.0.1:7411
n3      up              rack-b  1       256         127.0.0.1:7420  127.0.0.1:7421
`);
});

test('when a node is down: who, since when, and what it has missed', () => {
  const text = page({
    n1: { members: { n2: DOWN }, hints: 7, hintsFor: [{ target: 'n2', count: 7, oldestMs: 39_000 }] },
    n2: null,
    n3: {
      members: { n2: { ...DOWN, silentMs: 41_000 } },
      hints: 5,
      hintsFor: [{ target: 'n2', count: 5, oldestMs: 40_900 }],
    },
  });
  expect(text).toBe(`\
node     n1, serving
silent   n2: nobody listens at its address
cluster  0123456789abcdef, ring epoch 1 (feedface), 256 partitions, 3 replicas
members  3, 1 DOWN: n2 (silent for 40 s)
records  1204 on this node
hints    12 for n2, the oldest 40 s old, at n1 (7), n3 (5): n2 gets them when it is back

MEMBER  STATE           ZONE    WEIGHT  PARTITIONS  CLIENTS         PEERS
n1      up (this node)  -       1       256         127.0.0.1:7400  127.0.0.1:7401
n2      DOWN            -       1       256         127.0.0.1:7410  127.0.0.1:7411
n3      up              rack-b  1       256         127.0.0.1:7420  127.0.0.1:7421
`);
});

describe('a member', () => {
  test('that one node does not hear, and the others do', () => {
    const text = page({ n3: { members: { n2: DOWN } } });
    expect(text).toContain('members  3, 1 seen DIFFERENTLY: n2\n');
    expect(statesIn(text)).toEqual(['up (this node)', 'up; DOWN for n3', 'up']);
  });

  test('that most hear, though not the one asked', () => {
    const five = ['n1', 'n2', 'n3', 'n4', 'n5'].map((name, i) => memberAt(name, 7400 + 10 * i));
    const answers = five.map(({ name }) => ({ ...HEALTHY, node: name, members: five }));
    const deaf = {
      ...answers[0]!,
      members: five.map(each => (each.name === 'n4' ? { ...each, ...DOWN } : each)),
    };
    const text = statusPage({ asked: deaf, answers: [deaf, ...answers.slice(1)], silent: [] });
    expect(statesIn(text)[3]).toBe('up; DOWN for n1');
  });

  test('that hears the others, and none of them hears it', () => {
    const text = page({ n1: { members: { n3: DOWN } }, n2: { members: { n3: DOWN } } });
    expect(text).toContain('members  3, 1 DOWN: n3 (silent for 40 s)\n');
    expect(statesIn(text)).toEqual(['up (this node)', 'up', 'DOWN']);
  });

  test('that is the one asked, and that others do not hear', () => {
    const text = page({ n2: { members: { n1: DOWN } }, n3: { members: { n1: DOWN } } });
    expect(statesIn(text)[0]).toBe('DOWN (this node)');
  });

  test('that is suspected by one and unknown to another', () => {
    const n2 = { up: false, state: 'suspect', silentMs: 900 };
    const text = page({ n1: { members: { n2 } }, n3: { members: { n2: { state: 'unknown', up: false } } } });
    expect(statesIn(text)[1]).toBe('SUSPECT; unknown for n3');
  });

  test('that the others hear, and the one asked cannot ask', () => {
    expect(statesIn(page({ n1: { members: { n2: { up: false } } } }))[1]).toBe('UNREACHED; up for n3');
  });

  test('that does not serve', () => {
    const text = page({ n2: { state: 'storage-faulted' }, n3: { state: 'leaving' } });
    expect(text).toContain(`\
node     n1, serving
         n2, STORAGE FAULTED: its disk failed; it answers reads only, until it is restarted
         n3, leaving
`);
    expect(statesIn(text)).toEqual(['up (this node)', 'up, STORAGE FAULTED', 'up, leaving']);
  });

  test('of a version before, which says no states', () => {
    const before = { state: '', silentMs: 0 };
    const members = { n1: before, n2: { ...before, up: false }, n3: before };
    const text = page({ n1: { members, hints: 3 }, n2: null, n3: { members } });
    expect(statesIn(text)).toEqual(['up (this node)', 'DOWN', 'up']);
    expect(text).toContain('hints    3 notes of writes that others have missed\n');
  });

  test('when no other answers, is what the one asked sees', () => {
    const text = page({ n1: { members: { n3: DOWN } }, n2: null, n3: null });
    expect(statesIn(text)).toEqual(['up (this node)', 'up', 'DOWN']);
    expect(text).toContain(`\
silent   n2: nobody listens at its address
         n3: nobody listens at its address
`);
    expect(text).toContain('hints    none at the nodes that answer\n');
  });
});

describe('what a node keeps for others', () => {
  const hintsFor = [
    { target: 'n2', count: 1, oldestMs: 500 },
    { target: 'n9', count: 2, oldestMs: 7_200_000 },
  ];

  test('is on its way to one that is there, and goes nowhere for one that is no member', () => {
    expect(page({ n3: { hints: 3, hintsFor } })).toContain(`\
hints    1 for n2, the oldest less than 1 s old, at n3: n2 is getting them
         2 for n9, the oldest 2 h old, at n3: n9 is NO MEMBER
`);
  });

  test('is more than hints: the records themselves, at stand-ins', () => {
    expect(page({ n1: { foreignRecords: 3 }, n3: { foreignRecords: 1 } })).toContain(
      'foreign  3 records at n1, 1 record at n3, kept for others until those have them\n',
    );
  });
});

describe('a node that recovers', () => {
  const filling = { records: 3_400, bytes: 1_258_291, tookMs: 4_000, leftMs: 4_600 };

  test('is told of above and below, with how far it is', () => {
    const text = page({ n1: { recoveringPartitions: 12, refill: filling }, n3: { recoveringPartitions: 1 } });
    expect(text).toContain(`\
node     n1, RECOVERING: 12 partitions left, 3 400 records brought (1.2 MiB), 850/s, 4 s left; it counts in no strict read until then
         n3, RECOVERING: 1 partition left; it counts in no strict read until then
`);
    expect(text).toContain('records  1204 on this node\n');
    expect(statesIn(text)).toEqual(['up (this node), RECOVERING', 'up', 'up, RECOVERING']);
  });

  test('waits for an owner that is down, however fast it was', () => {
    const refill = { ...filling, leftMs: undefined };
    const repair = { asked: 0, agreed: 0, with: [repairWith('n2', { up: false }), repairWith('n3')] };
    expect(page({ n1: { recoveringPartitions: 256, refill, repair }, n2: null })).toContain(
      'node     n1, RECOVERING: 256 partitions left, 3 400 records brought (1.2 MiB), waits for n2; it',
    );
  });

  test('has a disk that failed, too: that is what has to be mended', () => {
    const text = page({ n2: { recoveringPartitions: 12, state: 'storage-faulted' } });
    expect(text).toContain('         n2, STORAGE FAULTED: its disk failed;');
    expect(statesIn(text)[1]).toBe('up, STORAGE FAULTED, RECOVERING');
  });
});

describe('nodes that have not agreed of late', () => {
  const told = (...others: readonly RepairWith[]) => ({ repair: { asked: 0, agreed: 0, with: others } });

  test('are not told of while they agreed within a minute, or have just started', () => {
    const n1 = told(repairWith('n2', { agreedMs: 60_000 }), repairWith('n3', { agreedMs: undefined }));
    const n2 = told(repairWith('n1', { agreedMs: 70_000 }), repairWith('n3', { agreedMs: undefined }));
    const n3 = told(repairWith('n1', { agreedMs: undefined, tookMs: 60_000 }));
    expect(page({ n1, n2, n3 })).not.toContain('repair');
  });

  test('are told of in pairs, with what both of them do', () => {
    const atWork = { agreedMs: 200_000, tookMs: 4_000, partitionsLeft: 12, records: 3_000, bytes: 1_000_000 };
    const n1 = told(
      repairWith('n2', { ...atWork, leftMs: 4_000 }),
      repairWith('n3', { agreedMs: undefined, tookMs: 61_000 }),
    );
    const n2 = told(
      repairWith('n1', { ...atWork, agreedMs: 190_000, partitionsLeft: 1, records: 400 }),
      repairWith('n3', { agreedMs: 100_000, records: 9, bytes: 90 }),
    );
    const n3 = told(repairWith('n2', { agreedMs: 99_000, partitionsLeft: 1, tookMs: 1_000 }));
    expect(page({ n1, n2, n3 })).toContain(`\
hints    none
repair   n1 and n2: 12 partitions left, 3 400 records (1.9 MiB), 850/s, 4 s left; last agreed 3 min ago
         n1 and n3: waiting until n1 and n2 are done; not agreed since they started
         n2 and n3: 1 partition left; last agreed 99 s ago
`);
  });

  test.each([
    [{}, 'comparing for 61 s'],
    [{ n3: { recoveringPartitions: 9 } }, 'waiting until n3 has recovered'],
    [
      { n1: { recoveringPartitions: 9 }, n3: { recoveringPartitions: 9 } },
      'waiting until n1 and n3 have recovered',
    ],
    [{ n3: { state: 'storage-faulted' } }, 'nothing is taken in at n3, for its DISK FAILED'],
    [{ n1: told(repairWith('n2', { partitionsLeft: 3, tookMs: 1 })) }, 'waiting until n1 and n2 are done'],
    [{ n3: told(repairWith('n2', { partitionsLeft: 3, tookMs: 1 })) }, 'waiting until n2 and n3 are done'],
  ])('are not said to compare while something keeps them from it: %j', (otherwise: Some, words) => {
    const late = { agreedMs: 120_000, tookMs: 61_000 };
    const side = (name: 'n1' | 'n3', other: string) => {
      const more = otherwise[name]?.repair?.with ?? [];
      return { ...otherwise[name], ...told(repairWith(other, late), ...more) };
    };
    expect(page({ n1: side('n1', 'n3'), n3: side('n3', 'n1') })).toContain(
      `repair   n1 and n3: ${words}; last agreed 2 min ago\n`,
    );
  });

  test('wait for one that is down, told of once', () => {
    const down = { up: false, agreedMs: 300_000 };
    const n1 = told(repairWith('n2', down), repairWith('n3'));
    const n3 = told(repairWith('n2', { ...down, agreedMs: 310_000 }), repairWith('n1'));
    expect(page({ n1, n2: null, n3 })).toContain(
      'repair   n1, n3 wait for n2, to compare with it; last agreed 5 min ago\n',
    );
  });

  test('agree though one cannot ask the other: it is asked by it', () => {
    const n1 = told(repairWith('n2', { up: false, agreedMs: 300_000 }));
    expect(page({ n1, n2: told(repairWith('n1', { agreedMs: 9_000 })) })).not.toContain('repair');
    const n2 = told(repairWith('n1', { agreedMs: 200_000, tookMs: 100 }));
    const [, line, ...more] = page({ n1, n2 }).split(/^repair {3}/m);
    expect(line).toMatch(/^n1 waits for n2, to compare with it; last agreed 3 min ago\n\n/);
    expect(more).toEqual([]);
  });

  test('wait for one that has been down since they started: told of after a minute', () => {
    const n1 = told(repairWith('n2', { up: false, agreedMs: undefined }));
    const seen = (silent: number) => ({ members: { n2: { ...DOWN, silentMs: silent } } });
    expect(page({ n1: { ...n1, ...seen(60_000) }, n2: null, n3: null })).not.toContain('repair');
    expect(page({ n1: { ...n1, ...seen(61_000) }, n2: null, n3: null })).toContain(
      'repair   n1 waits for n2, to compare with it; not agreed since they started\n',
    );
  });
});

test('nodes that have another ring', () => {
  expect(page({ n2: { ringDigest: 'deadbeef00' }, n3: { clusterId: '' } })).toContain(`\
cluster  0123456789abcdef, ring epoch 1 (feedface), 256 partitions, 3 replicas
         n2 has ANOTHER RING: 0123456789abcdef, ring epoch 1 (deadbeef)
members`);
});

test('while they wait for others', () => {
  const n1 = { state: 'waiting', clusterId: '', records: 0, awaited: ['nobody answers at 127.0.0.1:7421'] };
  const n2 = { state: 'waiting', clusterId: '', awaited: ['1 more of 3 nodes'] };
  const text = page({ n1, n2 });
  expect(text).toContain(`\
node     n1, WAITING for others before it serves
         n2, WAITING for others before it serves
cluster  not founded yet
`);
  expect(text).toContain(`
AWAITED
  nobody answers at 127.0.0.1:7421
  n2: 1 more of 3 nodes
`);
});

test('of a node that knows nobody yet', () => {
  const alone = { ...HEALTHY, state: 'waiting', clusterId: '', members: [] };
  expect(statusPage({ asked: alone, answers: [alone], silent: [] })).toBe(`\
node     n1, WAITING for others before it serves
cluster  not founded yet
members  0, all up
records  1204 on this node
hints    none
`);
});

test.each([
  [0, 'less than 1 s'],
  [1_000, '1 s'],
  [119_999, '119 s'],
  [120_000, '2 min'],
  [7_199_999, '119 min'],
  [7_200_000, '2 h'],
  [172_799_999, '47 h'],
  [172_800_000, '2 days'],
])('%s ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
