import { expect, test } from 'vitest';
import { incarnation, printIncarnation } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { actorOf } from '../../src/core/record/version-vector.ts';
import { CounterLedger } from '../../src/replica/counter-ledger.ts';
import { Minter } from '../../src/replica/minter.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { KeptLog } from '../support/quiet.ts';

const OURS = incarnation(Buffer.from('ours its'));
const THEIRS = incarnation(Buffer.from('somebody'));

async function minting() {
  const counters = await CounterLedger.load(new MemoryStore(), OURS);
  let rolledBack = 0;
  const minter = new Minter({
    counters,
    random: new SeededRandom(1),
    log: new KeptLog(),
    onRolledBack: () => {
      rolledBack += 1;
    },
  });
  const heard = (counter: number, of = counters.incarnation) =>
    minter.heard([{ actor: actorOf(of, 1), counter }]);
  return { counters, minter, heard, rolledBack: () => rolledBack };
}

test('one actor mints a key for as long as its row is remembered, with counters that grow over all keys', async () => {
  const { minter } = await minting();
  const first = minter.mint(undefined);
  const other = minter.mint(undefined);
  const second = minter.mint(first.birth);
  expect(second.dot.actor).toBe(first.dot.actor);
  expect(other.dot.actor).not.toBe(first.dot.actor);
  expect([first, other, second].map(({ dot }) => dot.counter)).toEqual([1, 2, 3]);
});

test('a record that outlives a kept incarnation tells of a rollback, and the next dot is another actor’s (I3, C6)', async () => {
  const { counters, minter, heard, rolledBack } = await minting();
  const before = minter.mint(undefined);
  heard(1);
  expect([rolledBack(), counters.incarnation]).toEqual([0, OURS]);
  heard(2);
  expect(rolledBack()).toBe(1);
  expect(printIncarnation(counters.incarnation)).not.toBe(printIncarnation(OURS));
  expect(minter.mint(before.birth).dot.actor).not.toBe(before.dot.actor);
});

test('of an incarnation drawn at this start nobody can know more: it is left again, and nothing is taken for lost', async () => {
  const { counters, minter, heard, rolledBack } = await minting();
  minter.renew('a new life');
  const drawn = counters.incarnation;
  heard(1000);
  expect([rolledBack(), counters.incarnation === drawn]).toEqual([0, false]);
});

test('how far others have come is remembered', async () => {
  const { counters, heard, rolledBack } = await minting();
  heard(7, THEIRS);
  heard(5, THEIRS);
  expect([counters.highest(THEIRS), rolledBack()]).toEqual([7, 0]);
});
