import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { writeId } from '../../src/base/ids.ts';
import { HandOns } from './hand-ons.ts';

const write = (n: number) => writeId(Buffer.alloc(16, n));

test('a write that is handed on while it is with another one is told of, and none that is tried afterwards', () => {
  const handOns = new HandOns();
  const told: string[] = [];
  handOns.onBeside((_, node) => told.push(node));
  const first = handOns.began(write(1), 'n1');
  handOns.began(write(2), 'n2');
  expect(told).toEqual([]);
  const second = handOns.began(write(1), 'n3');
  expect(told).toEqual(['n3']);
  first();
  second();
  handOns.began(write(1), 'n4');
  expect(told).toEqual(['n3']);
});
