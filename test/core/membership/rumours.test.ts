/** News is told a bounded number of times, a few with each message, and none is forgotten before. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeName } from '../../../src/base/ids.ts';
import { RUMOURS_MAX, Rumours } from '../../../src/core/membership/rumours.ts';

const named = (i: number) => nodeName(`n${String(i).padStart(3, '0')}`);
/** How often each is told among so many members. */
const tellings = (members: number) => 3 * Math.ceil(Math.log2(members + 1));

/** More than any of these tests takes. */
const MESSAGES_MAX = 1_000;

/** All messages until there is nothing to tell. */
function tellAll(rumours: Rumours, members: number): readonly (readonly string[])[] {
  const messages: (readonly string[])[] = [];
  for (let i = 0; i < MESSAGES_MAX; i++) {
    const message = rumours.take(members);
    if (message.length === 0) return messages;
    messages.push(message);
  }
  throw new Error('there is no end to what it tells');
}

test('who has heard nothing tells nothing', () => {
  expect(new Rumours().take(5)).toEqual([]);
});

test('each is told equally often, some 3 log2 n times, and never more than eight in one message', () => {
  const counts = fc.record({ news: fc.integer({ min: 1, max: 60 }), more: fc.integer({ min: 0, max: 60 }) });
  fc.assert(
    fc.property(counts, ({ news, more }) => {
      const rumours = new Rumours();
      const members = news + more;
      for (let i = 0; i < news; i++) rumours.add(named(i));
      const messages = tellAll(rumours, members);
      const told = new Map<string, number>();
      for (const message of messages) {
        expect(message.length).toBeLessThanOrEqual(RUMOURS_MAX);
        expect(new Set(message).size).toBe(message.length);
        for (const name of message) told.set(name, (told.get(name) ?? 0) + 1);
      }
      expect([...told.values()]).toEqual(Array.from({ length: news }, () => tellings(members)));
      expect(messages).toHaveLength(Math.max(tellings(members), Math.ceil((news * tellings(members)) / 8)));
    }),
    { numRuns: 60 },
  );
});

test('all are told once before any is told twice', () => {
  const rumours = new Rumours();
  for (let i = 0; i < 3 * RUMOURS_MAX; i++) rumours.add(named(i));
  const first = [rumours.take(64), rumours.take(64), rumours.take(64)].flat();
  expect(new Set(first).size).toBe(3 * RUMOURS_MAX);
});

test('what is new goes first, however much older news there is', () => {
  const rumours = new Rumours();
  for (let i = 0; i < RUMOURS_MAX; i++) rumours.add(named(i));
  rumours.take(64);
  rumours.add(named(900));
  expect(rumours.take(64)[0]).toBe(named(900));
});

test('more news of the same member is told as often as if it were the first', () => {
  const rumours = new Rumours();
  rumours.add(named(1));
  for (let i = 1; i < tellings(3); i++) rumours.take(3);
  rumours.add(named(1));
  expect(tellAll(rumours, 3)).toHaveLength(tellings(3));
});
