import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { incarnation, nodeName } from '../../../src/base/ids.ts';
import {
  type CleanMark,
  type Identity,
  identityContent,
  judgeOpening,
  type Opening,
  readIdentity,
  UNBORN,
} from '../../../src/core/membership/identity.ts';

const STORE_ID = 'ab'.repeat(16);
const OTHER_ID = 'cd'.repeat(16);

/** Stopped cleanly after batch 10 and counter 5, and everything agrees. */
const IDENTITY: Identity = {
  name: nodeName('n1'),
  nonce: '0f'.repeat(16),
  storeId: STORE_ID,
  incarnation: incarnation(Buffer.from('00ff80aa11223344', 'hex')),
  durability: 'fsync',
  clean: { counter: 5, batch: 10 },
};
const OPENING: Opening = {
  name: nodeName('n1'),
  identity: IDENTITY,
  copied: false,
  store: { id: STORE_ID, lastBatch: 10, trailBroken: false, counter: 5 },
  floor: 10,
};
const UNCLEAN: Identity = { ...IDENTITY, clean: undefined };

test.each<[situation: string, opening: Opening, verdict: object]>([
  ['after a clean stop it is the same', OPENING, { kind: 'keep', lost: false }],
  [
    'a clean stop without fsync is one, too',
    { ...OPENING, identity: { ...IDENTITY, durability: 'os' } },
    { kind: 'keep' },
  ],
  ['a missing floor proves nothing', { ...OPENING, floor: undefined }, { kind: 'keep' }],
  ['an old floor, as after a power cut, proves nothing', { ...OPENING, floor: 3 }, { kind: 'keep' }],
  [
    'killed: another, but nothing is lost',
    { ...OPENING, identity: UNCLEAN },
    { kind: 'draw', lost: false, reason: /not stopped cleanly/ },
  ],
  [
    'killed while writing without fsync: rows may be lost, with whatever durability it is started now',
    { ...OPENING, identity: { ...UNCLEAN, durability: 'os' } },
    { kind: 'draw', lost: true },
  ],
  ['a copied directory', { ...OPENING, copied: true }, { kind: 'draw', lost: true, reason: /copy/ }],
  [
    'a store that came back empty',
    { ...OPENING, floor: undefined, store: { id: undefined, lastBatch: 0, trailBroken: false, counter: 0 } },
    { kind: 'draw', lost: true, reason: /empty/ },
  ],
  [
    'another store',
    { ...OPENING, store: { ...OPENING.store, id: OTHER_ID } },
    { kind: 'draw', lost: true, reason: /another/ },
  ],
  [
    'batches dropped from the middle of the log',
    { ...OPENING, store: { ...OPENING.store, trailBroken: true } },
    { kind: 'draw', lost: true, reason: /middle/ },
  ],
  [
    'a log whose tail is cut after a kill',
    { ...OPENING, identity: UNCLEAN, floor: 11 },
    { kind: 'draw', lost: true, reason: /last batches/ },
  ],
  [
    'a store rolled back below its clean mark, the floor with it',
    { ...OPENING, floor: 9, store: { ...OPENING.store, lastBatch: 9 } },
    { kind: 'draw', lost: true, reason: /older/ },
  ],
  [
    'a counter that is gone though no batch is',
    { ...OPENING, store: { ...OPENING.store, counter: 4 } },
    { kind: 'draw', lost: true, reason: /counter/ },
  ],
  [
    'an old mark beside a store that went on',
    { ...OPENING, store: { ...OPENING.store, lastBatch: 11 } },
    { kind: 'draw', lost: false },
  ],
  [
    'a store that has given out more dots than its mark says',
    { ...OPENING, store: { ...OPENING.store, counter: 6 } },
    { kind: 'draw', lost: false },
  ],
  [
    'a birth cut short before the first batch',
    {
      ...OPENING,
      identity: { ...IDENTITY, clean: UNBORN },
      store: { id: undefined, lastBatch: 0, trailBroken: false, counter: 0 },
      floor: undefined,
    },
    { kind: 'draw', lost: false },
  ],
  [
    "another node's directory",
    { ...OPENING, name: nodeName('n2') },
    { kind: 'refuse', reason: /belongs to node n1, not to n2/ },
  ],
])('%s', (_situation, opening, verdict) => {
  const { reason, ...expected } = verdict as { reason?: RegExp };
  const judged = judgeOpening(opening);
  expect(judged).toMatchObject(expected);
  expect(judged.reason).toMatch(reason ?? /./);
});

test('in every situation there is, the verdict is what the rules of DESIGN §4 say one by one', () => {
  const seen = new Set<string>();
  for (const opening of everySituation()) {
    const { kind, ...rest } = judgeOpening(opening);
    const lost = 'lost' in rest && rest.lost;
    seen.add(`${kind}${lost ? ', lost' : ''}`);
    expect({ kind, lost }, JSON.stringify(opening)).toEqual(plainly(opening));
  }
  expect([...seen].sort()).toEqual(['draw', 'draw, lost', 'keep', 'refuse']);
});

/** The rules again, without an order among them. */
function plainly({ name, identity, copied, store, floor }: Opening): { kind: string; lost: boolean } {
  const { clean } = identity;
  if (name !== identity.name) return { kind: 'refuse', lost: false };
  const unborn = clean?.batch === 0 && store.id === undefined && store.lastBatch === 0;
  const lost =
    copied ||
    store.id !== identity.storeId ||
    store.trailBroken ||
    store.lastBatch < (floor ?? 0) ||
    store.lastBatch < (clean?.batch ?? 0) ||
    store.counter < (clean?.counter ?? 0) ||
    (clean === undefined && identity.durability === 'os');
  const same = clean !== undefined && store.lastBatch === clean.batch && store.counter === clean.counter;
  return { kind: same && !lost && !unborn ? 'keep' : 'draw', lost: lost && !unborn };
}

function* everySituation(): Generator<Opening> {
  const marks: (CleanMark | undefined)[] = [undefined, UNBORN, { counter: 5, batch: 10 }];
  for (const clean of marks)
    for (const durability of ['fsync', 'os'] as const)
      for (const name of [nodeName('n1'), nodeName('n2')])
        for (const copied of [false, true])
          for (const id of [undefined, STORE_ID, OTHER_ID])
            for (const trailBroken of [false, true])
              for (const floor of [undefined, 9, 10, 11])
                for (const lastBatch of [0, 9, 10, 11])
                  for (const counter of [0, 4, 5, 6])
                    yield {
                      name,
                      identity: { ...IDENTITY, durability, clean },
                      copied,
                      floor,
                      store: { id, lastBatch, trailBroken, counter },
                    };
}

test.each([IDENTITY, UNCLEAN])('an identity comes back from its file', identity => {
  expect(readIdentity(JSON.parse(JSON.stringify(identityContent(identity))))).toEqual(identity);
});

test('what is no identity is told by that, and nothing throws', () => {
  const good = identityContent(IDENTITY) as Record<string, unknown>;
  const bad: readonly unknown[] = [
    undefined,
    null,
    7,
    'identity',
    [],
    {},
    { ...good, name: '' },
    { ...good, nonce: '0f' },
    { ...good, storeId: 'XY'.repeat(16) },
    { ...good, incarnation: 12 },
    { ...good, durability: 'maybe' },
    { ...good, clean: undefined },
    { ...good, clean: {} },
    { ...good, clean: { counter: -1, batch: 0 } },
    { ...good, clean: { counter: 0, batch: 2 ** 53 } },
    { ...good, clean: { counter: 0.5, batch: 0 } },
  ];
  expect(bad.map(readIdentity)).toEqual(bad.map(() => undefined));
});
