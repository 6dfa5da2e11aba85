/** How numbers of a plan are spread. */
import type { SeededRandom } from '../../../src/base/random.ts';

/** Exponential: mostly shorter than the mean, now and then much longer. */
export function soon(random: SeededRandom, meanMs: number): number {
  return Math.round(-Math.log(1 - random.fraction()) * meanMs) + 1;
}

export function between(random: SeededRandom, min: number, max: number): number {
  return Math.round(min + random.fraction() * (max - min));
}

export function weighted(random: SeededRandom, choices: readonly (readonly [number, number])[]): number {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random.fraction() * total;
  for (const [choice, weight] of choices) {
    left -= weight;
    if (left < 0) return choice;
  }
  return choices.at(-1)![0];
}
