// Parses the number of rows that a list may have.
import { InvalidArgumentError } from 'commander';

const COUNT_MAX = 10_000;

/** Parses `--limit`. Throws commander's InvalidArgumentError. */
export function parseCount(text: string): number {
  const count = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : Infinity;
  if (count <= COUNT_MAX) return count;
  throw new InvalidArgumentError(`A number of rows is 1 to ${COUNT_MAX}.`);
}
