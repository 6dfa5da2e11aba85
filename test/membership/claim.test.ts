import { expect, test } from 'vitest';
import { incarnation, nodeName } from '../../src/base/ids.ts';
import { Claim } from '../../src/membership/claim.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const OURS = incarnation(Buffer.alloc(8, 0xa1));
const [B, C] = [nodeName('b'), nodeName('c')];

function claim(others = [B, C]) {
  const clock = new VirtualClock();
  let contradictions = 0;
  const made = new Claim({
    incarnation: OURS,
    counter: 5,
    others,
    clock,
    patienceMs: 1_500,
    onContradicted: () => {
      contradictions += 1;
    },
  });
  return { clock, claim: made, contradictions: () => contradictions };
}

test('nobody else in the ring: agreed, and no timer is left', async () => {
  const { claim: made, clock } = claim([]);
  expect([await made.verdict, made.asking, clock.pending]).toEqual(['agreed', undefined, 0]);
});

test('every other member knows no more: agreed; knowing as much is no contradiction', async () => {
  const { claim: made, clock } = claim();
  made.answered({ by: B, about: OURS, counter: 0 });
  expect([made.asking, made.owing]).toEqual([OURS, [C]]);
  made.answered({ by: C, about: OURS, counter: 5 });
  expect([await made.verdict, made.asking, clock.pending]).toEqual(['agreed', undefined, 0]);
});

test('the answer to a greeting that was sent before the claim is no answer: it was not asked', async () => {
  const { claim: made, clock } = claim();
  for (const by of [B, C]) made.answered({ by, about: undefined, counter: 0 });
  await clock.pass(1_500);
  expect([await made.verdict, made.owing]).toEqual(['unanswered', [B, C]]);
});

test('one member answering twice is one member', async () => {
  const { claim: made, clock } = claim();
  for (let i = 0; i < 2; i++) made.answered({ by: B, about: OURS, counter: 0 });
  await clock.pass(1_500);
  expect(await made.verdict).toBe('unanswered');
});

test('one knows more: contradicted, told once, however many say so', async () => {
  const { claim: made, contradictions, clock } = claim();
  made.answered({ by: B, about: OURS, counter: 6 });
  made.answered({ by: C, about: OURS, counter: 7 });
  expect([await made.verdict, contradictions(), clock.pending]).toEqual(['contradicted', 1, 0]);
});

test('a contradiction after the verdict is told, too', async () => {
  const { claim: made, contradictions, clock } = claim();
  await clock.pass(1_500);
  expect([await made.verdict, contradictions()]).toEqual(['unanswered', 0]);
  expect(made.asking).toBe(OURS);
  made.answered({ by: B, about: OURS, counter: 6 });
  expect(contradictions()).toBe(1);
});

test('stopped: nobody waits for it any more, and no timer is left', async () => {
  const { claim: made, clock } = claim();
  made.stop();
  expect([await made.verdict, clock.pending]).toEqual(['unanswered', 0]);
});
