// Cards and keys that nothing may show, whatever it is asked.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A card made for one run. */
export interface CanaryCard {
  readonly name: string;
  readonly number: string;
  readonly cvv: string;
}

/**
 * A made-up Visa number with a valid check digit, and a CVV.
 * @param below draws a whole number from 0 up to, not including, its argument
 */
export function canaryCard(name: string, below: (limit: number) => number): CanaryCard {
  const digits = ['4', ...Array.from({ length: 14 }, () => String(below(10)))];
  const weighted = digits.map((digit, at) => (at % 2 === 0 ? Number(digit) * 2 : Number(digit)));
  const sum = weighted.reduce((total, each) => total + (each > 9 ? each - 9 : each), 0);
  const number = `${digits.join('')}${(10 - (sum % 10)) % 10}`;
  return { name, number, cvv: String(100 + below(900)) };
}

/** The private halves of every key set in a folder of `ensureKeySets` (`tools/stack/apps.ts`). */
export function privateHalves(keyFolder: string): string[] {
  const files = readdirSync(keyFolder);
  const sets = files.map((name) => readFileSync(join(keyFolder, name), 'utf8'));
  return sets.flatMap((text) =>
    [...text.matchAll(/"(?:d|k)": "([^"]+)"/g)].map(([, key]) => key ?? ''),
  );
}
