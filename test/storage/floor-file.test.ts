import { Buffer } from 'node:buffer';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Log } from '../../src/ports/log.ts';
import { FloorFile } from '../../src/storage/floor-file.ts';
import { tempDir } from '../support/temp-dir.ts';

function open(path: string) {
  const warnings: string[] = [];
  const log: Log = {
    info: () => undefined,
    error: () => undefined,
    warn: event => void warnings.push(event),
  };
  const floor = new FloorFile({ path, log });
  onTestFinished(() => floor.close());
  return { floor, warnings };
}

test('a new floor says nothing', async () => {
  const { floor, warnings } = open(join(await tempDir(), 'floor'));
  expect(await floor.read()).toBeUndefined();
  expect(warnings).toEqual([]);
});

test('the next process finds the last note, also when this one never closed the file', async () => {
  const path = join(await tempDir(), 'floor');
  const { floor } = open(path);
  for (const batch of [1, 2, 2 ** 40 + 7]) floor.note(batch);
  expect(await open(path).floor.read()).toBe(2 ** 40 + 7);
  expect(await readFile(path)).toHaveLength(12);
});

test('a store found below its floor starts over with a lower one', async () => {
  const path = join(await tempDir(), 'floor');
  open(path).floor.note(900);
  open(path).floor.note(7);
  expect(await open(path).floor.read()).toBe(7);
});

test('a torn, flipped or cut note is none', async () => {
  const path = join(await tempDir(), 'floor');
  open(path).floor.note(5);
  const whole = await readFile(path);
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const flipped = Buffer.from(whole);
    flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
    await writeFile(path, flipped);
    expect(await open(path).floor.read()).toBeUndefined();
  }
  await writeFile(path, whole.subarray(0, 11));
  expect(await open(path).floor.read()).toBeUndefined();
  await writeFile(path, Buffer.alloc(12));
  expect(await open(path).floor.read()).toBeUndefined();
});

test('a floor that cannot be noted is told once, and nothing stops', async () => {
  const { floor, warnings } = open(join(await tempDir(), 'no', 'such', 'folder', 'floor'));
  floor.note(1);
  floor.note(2);
  expect(await floor.read()).toBeUndefined();
  expect(warnings).toEqual(['the floor cannot be noted']);
});

test.runIf(process.platform === 'linux')('a full disk is told once, and nothing stops', async () => {
  const { floor, warnings } = open('/dev/full');
  floor.note(1);
  floor.note(2);
  expect(warnings).toEqual(['the floor cannot be noted']);
});

test('after it was closed it is silent', async () => {
  const { floor, warnings } = open(join(await tempDir(), 'floor'));
  floor.note(1);
  floor.close();
  floor.note(2);
  expect(await floor.read()).toBeUndefined();
  expect(warnings).toEqual([]);
});
