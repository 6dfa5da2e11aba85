import { expect, it } from 'vitest';
import { addSample, type Quantile } from '../../src/base/quantile.ts';
import { SeededRandom } from '../../src/base/random.ts';

const P95: Quantile = { share: 0.95, value: 20 };

function after(quantile: Quantile, samples: number, sample: (i: number) => number): Quantile {
  let estimate = quantile;
  for (let i = 0; i < samples; i++) estimate = addSample(estimate, sample(i));
  return estimate;
}

it('settles near the quantile of what it is shown', () => {
  const random = new SeededRandom(7);
  // Evenly 0 … 100 ms: the 95th percentile is 95.
  const values = Array.from(
    { length: 400 },
    (_, i) => after(P95, 2_000 + i, () => random.fraction() * 100).value,
  );
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean).toBeGreaterThan(80);
  expect(mean).toBeLessThan(105);
});

it('follows a node that becomes ten times slower within some 50 answers', () => {
  expect(after(P95, 50, () => 200).value).toBeGreaterThan(195);
});

it('comes down slowly: one good answer after a bad time proves little', () => {
  expect(after({ share: 0.95, value: 200 }, 50, () => 1).value).toBeGreaterThan(100);
  expect(after({ share: 0.95, value: 200 }, 1_500, () => 1).value).toBeLessThan(2);
});

it('is never negative, and leaves zero again', () => {
  expect(after(P95, 20_000, () => 0).value).toBeGreaterThanOrEqual(0);
  expect(after({ share: 0.95, value: 0 }, 200, () => 5).value).toBeGreaterThan(1);
});
