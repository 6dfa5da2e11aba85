/** `shoal repair` as somebody types it, against fake nodes over real gRPC. */
import { describe, expect, test } from 'vitest';
import { ShoalError } from '../../../src/base/errors.ts';
import { fakeNodes } from '../../client/support/fake-cluster.ts';
import { shoal } from '../support/shoal.ts';

const WITH_N2 = { node: 'n2', up: true, agreedFor: 1, agreedMs: 0 };

async function setUp() {
  const [first, second] = await fakeNodes(2);
  for (const [index, node] of [first!, second!].entries()) {
    node.repair = { node: `n${index + 1}`, asked: 1 };
    node.status = {
      node: `n${index + 1}`,
      state: 'serving',
      repair: { asked: 1, agreed: 1, with: [WITH_N2] },
    };
  }
  const addr = `${first!.address},${second!.address}`;
  const repair = (...args: string[]) => shoal(['repair', ...args, '--addr', addr]);
  return { first: first!, second: second!, repair };
}

const asked = (heard: readonly { readonly method: string }[]) => heard.map(({ method }) => method);

describe('without --wait', () => {
  test('it says what was asked of whom, and how to watch it', async () => {
    const { first, repair } = await setUp();
    const { code, out, err } = await repair();
    expect([code, err]).toEqual([0, []]);
    expect(out).toBe(
      `n1 compares with n2 now, and mends what differs. To see how far it is: shoal status --addr ${first.address}, ` +
        `or wait for it: shoal repair --wait --addr ${first.address}\n`,
    );
  });

  test('it says who is down', async () => {
    const { first, repair } = await setUp();
    first.status = { node: 'n1', repair: { with: [WITH_N2, { node: 'n3' }, { node: 'n4' }] } };
    expect((await repair()).out).toContain(
      'n1 compares with n2 now, and mends what differs; n3, n4 are down, and will follow. To',
    );
  });

  test('as JSON it is the response', async () => {
    const { first, repair } = await setUp();
    expect(JSON.parse((await repair('-o', 'json')).out)).toEqual({ node: 'n1', asked: '1' });
    expect(asked(first.heard)).toEqual(['Repair']);
  });

  test('of a cluster of one', async () => {
    const { first, repair } = await setUp();
    first.status = { node: 'n1', repair: { asked: 1, agreed: 1 } };
    expect((await repair()).out).toBe('n1 has no peers: there is nothing to compare\n');
  });
});

describe('with --wait', () => {
  test('it says how long it took, and what was brought', async () => {
    const { first, repair } = await setUp();
    const counted = { ...WITH_N2, records: 12_400, bytes: 3_200_000 };
    first.status = { ...first.status, repair: { asked: 1, agreed: 1, with: [counted] } };
    const { code, out, err } = await repair('--wait');
    expect([code, err]).toEqual([0, []]);
    expect(out).toMatch(/^n1 and its peers agree after \d+ ms: 12 400 records brought, 3\.1 MiB\n$/);
  });

  test('it says so when nothing differed, as JSON what the node says of it', async () => {
    const { repair } = await setUp();
    expect((await repair('--wait')).out).toMatch(/agree after \d+ ms: n1 itself had nothing to bring\n$/);
    expect(JSON.parse((await repair('--wait', '-o', 'json')).out)).toEqual({
      asked: '1',
      agreed: '1',
      with: [{ node: 'n2', up: true, agreedMs: '0', agreedFor: '1' }],
      refill: {},
    });
  });

  test('as JSON it says what the node has left to recover, too', async () => {
    const { first, repair } = await setUp();
    const refill = { records: 7, bytes: 900, tookMs: 60, leftMs: 0 };
    first.status = { ...first.status, recoveringPartitions: 5, refill };
    const { code, out } = await repair('--wait', '--timeout', '300ms', '-o', 'json');
    expect([code, JSON.parse(out)]).toMatchObject([
      1,
      {
        asked: '1',
        recoveringPartitions: 5,
        refill: { records: '7', bytes: '900', tookMs: '60', leftMs: '0' },
      },
    ]);
  });

  test('for one whose disk has failed: so it says itself', async () => {
    const { first, second, repair } = await setUp();
    const members = [{ name: 'n2', address: second.address, up: true }];
    first.status = { node: 'n1', members, repair: { asked: 1, with: [{ node: 'n2', up: true }] } };
    second.status = { node: 'n2', state: 'storage-faulted' };
    const { code, err } = await repair('--wait', '--timeout', '1s');
    expect([code, err]).toEqual([
      1,
      [
        'the disk of n2 failed: waiting until it is back on a sound one; Ctrl-C ends the waiting, not the repair',
        expect.stringMatching(/^shoal: n1 does .*: the disk of n2 failed, .*; restart n2 on a sound disk\./),
      ],
    ]);
  });

  test('for one that is down until the time is over: exit 1, one line of who is awaited, one of the end', async () => {
    const { first, repair } = await setUp();
    first.status = { node: 'n1', repair: { asked: 1, with: [{ node: 'n2' }] } };
    const { code, out, err } = await repair('--wait', '--timeout', '500ms');
    expect([code, out]).toEqual([1, '']);
    expect(err).toEqual([
      'n2 is down: waiting until it is back; Ctrl-C ends the waiting, not the repair',
      expect.stringMatching(/^shoal: n1 does not agree with n2 yet after \d+ ms: n2 is down; start n2, or/),
    ]);
    const json = await repair('--wait', '--timeout', '300ms', '-o', 'json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toEqual({ asked: '1', with: [{ node: 'n2' }], refill: {} });
  });

  test('on a terminal one line is drawn, and cleared before the last', async () => {
    const { first } = await setUp();
    first.status = { ...first.status, repair: { asked: 1, with: [{ up: true, node: 'n'.repeat(100) }] } };
    const args = ['repair', '--wait', '--timeout', '300ms', '--addr', first.address];
    const { out, err } = await shoal(args, '', { terminal: true });
    const line = `\r\u001b[J   0 s\n        ${'n'.repeat(79 - 8)}\u001b[A\r`;
    expect(out.replaceAll(line, '')).toBe('\r\u001b[J');
    expect(err).toHaveLength(1);
  });
});

describe('of several addresses', () => {
  test('the first that answers is asked, and no other', async () => {
    const { first, second, repair } = await setUp();
    first.moods = [{ refuse: new ShoalError('NOT_READY', 'it does not serve yet') }];
    expect((await repair('--wait')).out).toMatch(/^n2 and its peers agree/);
    expect(asked(second.heard)).toEqual(['Repair', 'Status']);
  });

  test('what the last word is when none does', async () => {
    const { first, second, repair } = await setUp();
    first.moods = [{ refuse: new ShoalError('NOT_READY', 'it does not serve yet') }];
    second.stop();
    const { code, err } = await repair();
    const addr = `${first.address},${second.address}`;
    const why = 'shoal: NOT_READY: it does not serve yet; see who is awaited';
    expect([code, err]).toEqual([1, [`${why}: shoal status --addr ${addr}`]]);
  });

  test('one that is silent takes no more of the time than there is', async () => {
    const { first, second } = await setUp();
    for (const node of [first, second]) node.moods = ['silent'];
    const addr = `${first.address},${second.address}`;
    const { code, err } = await shoal(['repair', '--wait', '--timeout', '300ms', '--addr', addr]);
    const { deadline } = first.heard[0]!;
    expect(second.heard[0]!.deadline - deadline).toBeLessThanOrEqual(300);
    expect([code, err]).toEqual([
      1,
      [
        `shoal: no answer from ${first.address}, ${second.address} within 300 ms; ` +
          'whoever is there hangs, or has too much to do: ask another node with --addr',
      ],
    ]);
  });
});

describe('a usage error', () => {
  test.each([
    [
      'a time without a unit',
      ['--wait', '--timeout', '30'],
      'expected a time, for example 500ms, 30s, 5m or 2h',
    ],
    ['no time', ['--wait', '--timeout', '0s'], 'expected a time'],
    ['a time and nothing to wait for', ['--timeout', '30s'], "option '--timeout' needs '--wait'"],
    ['an argument', ['n1'], 'too many arguments'],
  ])('%s', async (_, args, help) => {
    const { code, out, err } = await shoal(['repair', ...args]);
    expect([code, out, err.length]).toEqual([2, '', 1]);
    expect(err[0]).toContain(help);
  });
});
