import { expect, test } from 'vitest';
import { SetBacks } from './set-backs.ts';

function machine(name: string, startedAt?: number) {
  const counts = { noticed: 0 };
  return { name, startedAt, counts, counted: () => counts.noticed };
}

test('one that was set back is untold while all others were restarted since, or are down', () => {
  const setBacks = new SetBacks();
  const [n1, n2, n3] = [machine('n1'), machine('n2', 10), machine('n3')];
  expect(setBacks.isUntold(n1, [n2, n3])).toBe(false);
  setBacks.add(n1, 10);
  expect(setBacks.isUntold(n1, [n2, n3])).toBe(true);
  expect(setBacks.isUntold(n1, [machine('n2', 9), n3])).toBe(false);
});

test('it is not once it has noticed, until it is set back again', () => {
  const setBacks = new SetBacks();
  const n1 = machine('n1');
  setBacks.add(n1, 10);
  n1.counts.noticed += 1;
  expect(setBacks.isUnnoticed(n1)).toBe(false);
  setBacks.add(n1, 20);
  expect(setBacks.isUnnoticed(n1)).toBe(true);
});

test('what is wiped after it knows of its loss', () => {
  const setBacks = new SetBacks();
  const n1 = machine('n1');
  setBacks.add(n1, 10);
  setBacks.delete('n1');
  expect(setBacks.isUntold(n1, [])).toBe(false);
});
