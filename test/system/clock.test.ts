import { expect, test } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';

test('an action happens once its time has come, a cancelled one never', async () => {
  const happened: string[] = [];
  systemClock.after(0, () => happened.push('cancelled')).cancel();
  await new Promise<void>(resolve => {
    systemClock.after(1, () => {
      happened.push('due');
      resolve();
    });
  });
  expect(happened).toEqual(['due']);
});

test('a wait longer than a timer can hold does not end at once', async () => {
  const happened: string[] = [];
  const endless = systemClock.after(Number.MAX_SAFE_INTEGER, () => happened.push('endless'));
  await new Promise<void>(resolve => {
    systemClock.after(5, resolve);
  });
  endless.cancel();
  expect(happened).toEqual([]);
});
