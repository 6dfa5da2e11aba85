/** What people read, as it looks. */
import { describe, expect, test } from 'vitest';
import { CommandFailed, endingOf } from '../../src/cli/exit.ts';
import { deleteSeenSentence, deleteSentence, putSentence, siblingLines } from '../../src/cli/sentences.ts';
import { statusPage } from '../../src/cli/status-page.ts';
import { table } from '../../src/cli/table.ts';
import { type ClusterStatus, ShoalError, type ShownValues } from '../../src/client/index.ts';

const member = (name: string, port: number) => ({
  name,
  address: `127.0.0.1:${port}`,
  peerAddress: `127.0.0.1:${port + 1}`,
  zone: '',
  weight: 1,
  up: true,
  state: 'alive',
  silentMs: 0,
  partitions: 256,
});

const HEALTHY: ClusterStatus = {
  node: 'n1',
  state: 'serving',
  clusterId: '0123456789abcdef',
  epoch: 1,
  ringDigest: 'feedfacecafebeef',
  partitions: 256,
  replication: 3,
  members: [member('n1', 7400), member('n2', 7410), { ...member('n3', 7420), zone: 'rack-b' }],
  awaited: [],
  recoveringPartitions: 0,
  records: 1204,
  hints: 0,
  hintsFor: [],
  foreignRecords: 0,
  counters: {},
};

describe('shoal status', () => {
  test('when all is well', () => {
    expect(statusPage(HEALTHY)).toBe(`\
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

  test('when a node is down and another has just come back', () => {
    const [n1, n2, n3] = HEALTHY.members;
    const members = [n1!, { ...n2!, up: false }, n3!];
    const page = statusPage({ ...HEALTHY, members, recoveringPartitions: 12, hints: 1 });
    expect(page).toContain(`\
members  3, 1 DOWN: n2
records  1204 on this node, 12 partitions RECOVERING: not counted in strict reads yet
hints    1 note of writes that others have missed; kept, not replayed in this version
`);
    expect(page).toContain('n2      DOWN            -');
  });

  test('while it waits for others', () => {
    const waiting = {
      ...HEALTHY,
      state: 'waiting',
      clusterId: '',
      members: [],
      records: 0,
      awaited: ['nobody answers at 127.0.0.1:7421', '1 more of 3 nodes'],
    };
    expect(statusPage(waiting)).toBe(`\
node     n1, WAITING for others before it serves
cluster  not founded yet
members  0, all up
records  0 on this node
hints    none

AWAITED
  nobody answers at 127.0.0.1:7421
  1 more of 3 nodes
`);
  });

  test('when its disk has failed', () => {
    expect(statusPage({ ...HEALTHY, state: 'storage-faulted' })).toContain(
      'n1, STORAGE FAULTED: its disk failed',
    );
  });

  test('in a state of a later version', () => {
    expect(statusPage({ ...HEALTHY, state: 'leaving' })).toContain('n1, leaving');
  });
});

describe('what a write says', () => {
  const written: ShownValues = {
    bucket: 'carts',
    key: 'ann',
    siblings: [],
    context: new Uint8Array(),
    replicas: { required: 2, answered: 2, fallback: 0, unrepaired: 0 },
  };
  const sibling = { value: 'x', writtenAt: new Date(0) };
  const beside = { ...written, siblings: [sibling, sibling] };
  const byFallback = { ...written, replicas: { ...written.replicas, fallback: 1 } };

  const byFallbacks = { ...written, replicas: { ...written.replicas, fallback: 2 } };

  test.each([
    [written, 0, 'stored'],
    [written, undefined, 'stored'],
    [written, 1, 'replaced 1 version'],
    [written, 2, 'replaced 2 versions'],
    [beside, 1, 'replaced 1 version, 2 concurrent versions beside it'],
    [byFallback, 0, 'stored (1 of 2 acknowledgements by a fallback)'],
    [byFallbacks, 0, 'stored (2 of 2 acknowledgements by fallbacks)'],
  ])('put %#', (reply, replaced, sentence) => {
    expect(putSentence(reply, replaced)).toBe(sentence);
  });

  test.each([
    [written, 0, 'nothing was there'],
    [written, undefined, 'deleted'],
    [written, 2, 'deleted 2 versions'],
  ])('delete %#', (reply, there, sentence) => {
    expect(deleteSentence(reply, there)).toBe(sentence);
  });

  test.each([
    [written, 'deleted'],
    [beside, 'what the context has seen is gone; 2 versions that it has not seen remain'],
  ])('delete with a context %#', (reply, sentence) => {
    expect(deleteSeenSentence(reply)).toBe(sentence);
  });
});

test('versions are listed in order of time', () => {
  const siblings = [2000, 1000].map(time => ({ value: String(time), writtenAt: new Date(time) }));
  const replicas = { required: 2, answered: 2, fallback: 0, unrepaired: 0 };
  const lines = siblingLines({ bucket: 'b', key: 'k', context: Uint8Array.of(1), siblings, replicas });
  expect(lines.slice(1, 3).map(line => line.slice(5, 25))).toEqual([
    '1970-01-01T00:00:01.',
    '1970-01-01T00:00:02.',
  ]);
});

test('names with spaces and quotes are pasted as they are meant', () => {
  const at = { bucket: 'my carts', key: "ann's; rm -rf x", context: Uint8Array.of(1) };
  const replicas = { required: 2, answered: 2, fallback: 0, unrepaired: 0 };
  expect(siblingLines({ ...at, siblings: [], replicas }).at(-1)).toContain(
    `shoal put 'my carts' 'ann'\\''s; rm -rf x' VALUE --context AQ==`,
  );
});

describe('how a command ends', () => {
  test.each([
    ['as it says', new CommandFailed(3, 'not there'), 3, 'not there'],
    [
      'refused, with advice',
      new ShoalError('QUORUM_UNREACHABLE', '2 needed, 1 reachable'),
      1,
      'shoal: QUORUM_UNREACHABLE: 2 needed, 1 reachable (not applied); see who is down: shoal status',
    ],
    [
      'refused, in several lines',
      new ShoalError('BAD_KEY', 'a\n  b'),
      1,
      'shoal: BAD_KEY: a b (not applied)',
    ],
    ['by the system', Object.assign(new Error('EACCES: no'), { code: 'EACCES' }), 1, 'shoal: EACCES: no'],
  ])('%s', (_, error, exitCode, line) => {
    expect(endingOf(error)).toEqual({ exitCode, line });
  });

  test('by a defect: with the stack', () => {
    expect(endingOf(new Error('oops')).line).toContain('pages.test.ts');
  });
});

test('a table is as wide as its cells', () => {
  expect(table([['a', 'bb'], ['ccc', ''], ['d']])).toEqual(['a    bb', 'ccc', 'd']);
});
