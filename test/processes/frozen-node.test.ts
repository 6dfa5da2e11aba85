/**
 * One of three nodes is stopped with SIGSTOP: its connections stay open, the kernel goes on accepting for it,
 * and nothing answers. Without deadlines everywhere calls would hang with it (I10; TRAPS G1, §0.4).
 */
import { afterEach, expect, test } from 'vitest';
import { clientOf, failureOf } from './support/clients.ts';
import { sharedCluster } from './support/live-cluster.ts';
import { until } from './support/until.ts';

const KEYS = Array.from({ length: 30 }, (_, index) => `key-${index}`);

/** A connection to a frozen node is given up after 3 s; others must have stood in for it by then. */
const BEFORE_IT_IS_GIVEN_UP = { deadlineMs: 2_500 };

const cluster = sharedCluster();

/** Also when a test fails half-way: the next one begins with nodes that run. */
afterEach(() => {
  for (const node of cluster().nodes) node.thaw();
});

test.each(['n1', 'n2', 'n3'])(
  '%s frozen: the others serve, calls to it end by their deadline, thawed it serves again',
  async name => {
    const frozen = cluster().node(name);
    const others = cluster().nodes.filter(node => node !== frozen);
    const buckets = [...others, frozen].map(node => clientOf(node).bucket(name));
    const [first, second, itself] = buckets;
    await itself!.put('before', 'v'); // so that its connection is open
    frozen.freeze();

    await Promise.all(KEYS.map((key, index) => buckets[index % 2]!.put(key, key, BEFORE_IT_IS_GIVEN_UP)));
    const shown = await Promise.all(KEYS.map(key => second!.get(key, BEFORE_IT_IS_GIVEN_UP)));
    expect(shown.map(({ value }) => value)).toEqual(KEYS);
    const deadlineMs = 300;
    expect(await failureOf(itself!.get('before', { deadlineMs }))).toMatchObject({ outcome: 'not applied' });
    expect(await failureOf(itself!.put('late', 'v', { deadlineMs }))).toMatchObject({ outcome: 'unknown' });
    const fresh = clientOf(frozen).bucket(name);
    expect(await failureOf(fresh.get('before', { deadlineMs }))).toMatchObject({ outcome: 'not applied' });
    expect((await first!.put('all', 'v')).replicas.answered).toBe(2);

    frozen.thaw();
    await until('it serves again', async () => (await itself!.get('before')).value === 'v');
    const caughtUp = await Promise.all(KEYS.map(key => itself!.get(key, { r: 3, strict: true })));
    expect(caughtUp.map(({ value }) => value)).toEqual(KEYS);
  },
);

test('two frozen: a write that only one could take may appear later, says its error, and it does', async () => {
  const [awake, ...frozen] = cluster().nodes;
  const bucket = clientOf(awake!).bucket('two');
  await bucket.put('k', 'before', { w: 3 });
  for (const node of frozen) node.freeze();
  const doubtful = awake!.calls.put({
    bucket: 'two',
    key: 'k',
    value: { text: 'doubtful' },
    overwrite: true,
  });
  expect(await failureOf(doubtful)).toMatchObject({
    reason: 'OUTCOME_UNKNOWN',
    outcome: 'unknown',
    facts: { required: '2', acked: '1' },
  });
  for (const node of frozen) node.thaw();
  await until('all answer', async () => (await bucket.get('k', { r: 3, strict: true })).value === 'doubtful');
});

test('a client that knows all nodes is served while one is frozen', async () => {
  const bucket = clientOf(...cluster().nodes).bucket('b');
  for (const node of cluster().nodes) {
    node.freeze();
    for (const key of KEYS.slice(0, 10)) await bucket.put(key, node.spec.name);
    node.thaw();
    for (const key of KEYS.slice(0, 10)) expect((await bucket.get(key)).value).toBe(node.spec.name);
  }
});

test('a put that waited in the socket of a frozen node for longer than its deadline is not executed when it thaws', async () => {
  const [frozen, ...others] = cluster().nodes;
  const itself = clientOf(frozen!).bucket('waited');
  await itself.put('before', 'v'); // so that its connection is open
  frozen!.freeze();
  const deadlines = [700, 1_300]; // the second one keeps it frozen for longer than the first one bears
  const [late, later] = deadlines.map(deadlineMs => itself.put(`late-${deadlineMs}`, 'v', { deadlineMs }));
  expect(await failureOf(late!)).toMatchObject({ outcome: 'unknown' });
  expect(await failureOf(later!)).toMatchObject({ outcome: 'unknown' });
  frozen!.thaw();

  await until('it reaches all again', () => itself.put('after', 'v', { w: 3, strict: true }));
  for (const key of deadlines.map(ms => `late-${ms}`)) {
    for (const node of others) {
      expect(await clientOf(node).bucket('waited').get(key, { r: 3, strict: true })).toMatchObject({
        siblings: [],
      });
    }
  }
});

test('a node that is told to end while another is frozen ends', async () => {
  const frozen = cluster().node('n1');
  const told = cluster().node('n3');
  await clientOf(told).bucket('b').put('k', 'v', { w: 3, strict: true }); // so that it is connected to all
  frozen.freeze();
  expect(await told.stop()).toEqual({ code: 0, signal: null });
  expect(told.said('ended cleanly')).toHaveLength(1);
  frozen.thaw();
  await told.start();
});
