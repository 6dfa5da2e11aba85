/** What `make chaos` understands, and the command that it prints to begin the same once more. */
import { expect, test } from 'vitest';
import { commandOf, readSettings, SettingsError } from './settings.ts';

test('nothing said: five nodes for five minutes, with a seed that is told', () => {
  const settings = readSettings({}, 42);
  expect(settings).toEqual({ seconds: 300, seed: 42, nodes: 5, faults: true, report: undefined });
  expect(commandOf(settings)).toBe('make chaos SEED=42 SECONDS=300 NODES=5');
});

test('all said', () => {
  const settings = readSettings(
    { SECONDS: '20', SEED: '7', NODES: '3', FAULTS: 'none', REPORT: 'r.json' },
    42,
  );
  expect(settings).toEqual({ seconds: 20, seed: 7, nodes: 3, faults: false, report: 'r.json' });
  expect(commandOf(settings)).toBe('make chaos SEED=7 SECONDS=20 NODES=3 FAULTS=none');
});

test.each([{ SECONDS: '0' }, { SECONDS: '1.5' }, { SEED: '-1' }, { NODES: '2' }, { FAULTS: 'some' }])(
  'refused: %o',
  environment => {
    expect(() => readSettings(environment, 42)).toThrow(SettingsError);
  },
);
