/** A flag that takes a whole number within bounds. */
import { InvalidArgumentError } from 'commander';

/** @returns a parser for commander that throws InvalidArgumentError, a usage error */
export function wholeNumber({ min, max }: { min: number; max: number }): (text: string) => number {
  return text => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}`);
  };
}
